#!/usr/bin/env bash
# A mail host that fails and comes back. Stopped: connect_refused within two intervals. Its packets dropped:
# connect_timeout. Refused by a firewall, as firewalld does it: host_unreachable. Each time ok again afterwards, and the
# domains of the other hosts are none the worse. Then this host loses IPv6, which is our fault alone: nothing changes.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/exporter.sh"
enter_world "$@"

# Two intervals, and what lies between a failure and its confirmation: 1 s, and twice the connect timeout of 3 s
# where nobody answers. One second for the clock of a busy machine.
readonly after_refusal=$((2 * interval + 1 + 1))
readonly after_silence=$((2 * interval + 1 + 6 + 1))

main() {
  start_dns
  start_mail
  write_exporter_config
  start_exporter
  within 30 "every domain is ok" all_ok
  refused
  dropped
  prohibited
  without_ipv6
  stop exporter
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  finish
}

refused() {
  stop mx1
  within $after_refusal "Postfix stopped: connect_refused" has_cause example.test connect_refused
  within $after_refusal "the domain is unreachable" has_verdict example.test unreachable
  check "not reachable" has 'mxhealth_domain_reachable{domain="example.test",role="mx"}' 0
  check "the address says it too" address_has_cause 192.0.2.10 connect_refused
  within $after_refusal "submission is unreachable too" has_verdict example.test unreachable submission
  within $after_refusal "a domain with a second host is degraded" has_verdict both.example.test degraded
  check "the last known certificate date stays" has \
    'mxhealth_tls_cert_not_after_timestamp_seconds{server="mx1.example.test",port="25"}' "$(certificate_end mx1)"
  others_ok
  start_postfix mx1 192.0.2.10
  within $after_refusal "Postfix started: all ok again" all_ok
  check "no cause is left" has_not 'mxhealth_domain_cause_info'
}

# firewall ACTION: what it does to packets for the ports of mx1
firewall() {
  nft -f - <<RULES
table inet fault {
  chain input {
    type filter hook input priority 0;
    ip daddr 192.0.2.10 tcp dport {25, 465, 587} $1
    ip6 daddr 2001:db8::10 tcp dport {25, 465, 587} $1
  }
}
RULES
}

dropped() {
  firewall drop
  within $after_silence "packets dropped: connect_timeout" has_cause example.test connect_timeout
  within $after_silence "the domain is unreachable" has_verdict example.test unreachable
  check "the IPv6 address says it too" address_has_cause 2001:db8::10 connect_timeout
  others_ok
  nft delete table inet fault
  within $after_silence "packets pass: all ok again" all_ok
}

prohibited() {
  firewall "reject with icmpx type admin-prohibited"
  within $after_refusal "a firewall refuses: host_unreachable" has_cause example.test host_unreachable
  within $after_refusal "the domain is unreachable" has_verdict example.test unreachable
  check "over IPv4" address_has_cause 192.0.2.10 host_unreachable
  check "over IPv6" address_has_cause 2001:db8::10 host_unreachable
  nft delete table inet fault
  within $after_refusal "packets pass: all ok again" all_ok
}

without_ipv6() {
  local host log=$work/exporter.log
  ip -6 route del default
  for host in 1 10 20 30 53; do ip -6 addr del "2001:db8::$host/64" dev mx0; done
  scrape
  grep '^mxhealth_endpoint_failures_total{' "$work/scrape" >"$work/failures"
  within $((2 * interval)) "no route for IPv6: said" grep 'event=no_route family=ipv6' "$log"
  sleep $((2 * interval))
  check "said once" equal "$(grep -c event=no_route "$log")" 1
  check "every domain is still ok" all_ok
  check "never was anything else" equal "$(grep -c 'event=verdict_changed.* verdict=' "$log")" "$(changes_before)"
  check "nobody's failure" failures_unchanged
}

# The verdicts that changed before the route went.
changes_before() { sed '/event=no_route/q' "$work/exporter.log" | grep -c 'event=verdict_changed.* verdict='; }

failures_unchanged() { scrape && grep '^mxhealth_endpoint_failures_total{' "$work/scrape" | diff "$work/failures" -; }

address_has_cause() {
  has "mxhealth_address_cause_info{server=\"mx1.example.test\",port=\"25\",address=\"$1\",cause=\"$2\"}"
}

others_ok() {
  check "Exim's domain is still ok" has_verdict exim.example.test ok
  check "postscreen's domain is still ok" has_verdict patient.example.test ok
}

main
