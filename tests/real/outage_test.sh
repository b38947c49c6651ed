#!/usr/bin/env bash
# A mail host that fails and comes back. Stopped: connect_refused within two intervals. Its packets dropped:
# connect_timeout. Each time ok again afterwards, and the domains of the other hosts are none the worse.
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

dropped() {
  nft -f - <<'RULES'
table inet fault {
  chain input {
    type filter hook input priority 0;
    ip daddr 192.0.2.10 tcp dport {25, 465, 587} drop
    ip6 daddr 2001:db8::10 tcp dport {25, 465, 587} drop
  }
}
RULES
  within $after_silence "packets dropped: connect_timeout" has_cause example.test connect_timeout
  within $after_silence "the domain is unreachable" has_verdict example.test unreachable
  check "the IPv6 address says it too" address_has_cause 2001:db8::10 connect_timeout
  others_ok
  nft delete table inet fault
  within $after_silence "packets pass: all ok again" all_ok
}

address_has_cause() {
  has "mxhealth_address_cause_info{server=\"mx1.example.test\",port=\"25\",address=\"$1\",cause=\"$2\"}"
}

others_ok() {
  check "Exim's domain is still ok" has_verdict exim.example.test ok
  check "postscreen's domain is still ok" has_verdict patient.example.test ok
}

main
