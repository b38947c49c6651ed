#!/usr/bin/env bash
# Our own port 25 is blocked: packets dropped, then connections reset, as providers do it. With two canaries configured
# every domain is undetermined within two intervals, no SLI counter moves, and nothing is wrong in the metrics but what
# is ours; when it is open again, all is as before within two. A dead host among living ones is unreachable as ever.
# Losing IPv6 altogether is no blocked port, and its return is said.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/exporter.sh"
enter_world "$@"

# And a busy machine's clock, and the scrapes that ask: ten for each look at all domains.
readonly two_intervals=$((2 * interval + 4))
readonly domains="example.test exim.example.test patient.example.test both.example.test plain.test"

main() {
  start_dns "$(canary_records)"
  start_mail
  start_canaries
  write_exporter_config
  printf 'canaries: [{server: canary-a.example.test}, {server: canary-b.example.test}]\n' >>"$work/mxhealth.yml"
  start_exporter
  within 30 "every domain is ok" all_ok
  within $two_intervals "egress is up" egress 1 2 2
  check "canaries have no series of their own" has_not 'mxhealth_endpoint_up{server="canary-a.example.test"}'
  one_dead_host
  blocked "drop"
  blocked "reject with tcp reset"
  without_ipv6
  stop exporter
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  finish
}

# Addresses that this world has and no mail host uses.
canary_records() {
  printf 'canary-a A 192.0.2.1\ncanary-a AAAA 2001:db8::1\ncanary-b A 192.0.2.53\ncanary-b AAAA 2001:db8::53\n'
}

start_canaries() {
  make_certificate canary 60
  configure_postfix canary <<'MASTER'
192.0.2.1:25          inet n - n - - smtpd
[2001:db8::1]:25      inet n - n - - smtpd
192.0.2.53:25         inet n - n - - smtpd
[2001:db8::53]:25     inet n - n - - smtpd
MASTER
  start_postfix canary 192.0.2.1
}

# egress UP CANARIES CANARIES_UP: in both families
egress() {
  local family
  for family in ipv4 ipv6; do
    has "mxhealth_egress_up{port=\"25\",family=\"$family\"}" "$1" &&
      has "mxhealth_egress_canaries{port=\"25\",family=\"$family\"}" "$2" &&
      has "mxhealth_egress_canaries_up{port=\"25\",family=\"$family\"}" "$3" || return
  done
}

one_dead_host() {
  stop mx1
  within $two_intervals "a host stopped among living ones: connect_refused" has_cause example.test connect_refused
  within $two_intervals "the domain is unreachable" has_verdict example.test unreachable
  check "it never was undetermined" logged_nothing 'event=verdict_changed.* verdict=undetermined'
  check "egress is up" egress 1 2 2
  start_postfix mx1 192.0.2.10
  within $two_intervals "started: all ok again" all_ok
}

logged_nothing() { ! grep -E "$1" "$work/exporter.log"; }

# blocked HOW: how the firewall treats what goes out to port 25
blocked() {
  local before
  scrape
  counters_of unreachable_cycles >"$work/unreachable_before"
  failures_of_theirs >"$work/failures_before"
  before=$(wc -l <"$work/exporter.log")
  nft -f - <<RULES
table inet fault {
  chain output {
    type filter hook output priority 0;
    tcp dport 25 $1
  }
}
RULES
  within $two_intervals "port 25, $1: every domain is undetermined" all_undetermined
  within $two_intervals "egress is down, no canary is up" egress 0 2 0
  scrape
  counters_of cycles >"$work/cycles_before"
  sleep $((2 * interval)) # two more cycles, which must not count
  scrape
  check "every domain still is" all_undetermined
  check "no unreachable cycle was counted" unchanged unreachable_before counters_of unreachable_cycles
  check "nor any cycle at all" unchanged cycles_before counters_of cycles
  check "no failure of theirs was counted" unchanged failures_before failures_of_theirs
  check "reachable keeps its value" has 'mxhealth_domain_reachable{role="mx"}' 1
  check "endpoints keep theirs" has 'mxhealth_endpoint_up{port="25"}' 1
  check "the cause of every address is ours" only_ours 'mxhealth_address_cause_info{port="25"}'
  check "the cause of every domain is ours" only_ours 'mxhealth_domain_cause_info'
  check "submission is another port" has_verdict example.test ok submission
  check "it is logged once for each family" equal "$(sed "1,${before}d" "$work/exporter.log" | grep -c event=egress_down)" 2
  nft delete table inet fault
  within $two_intervals "port 25 is open: all ok again" all_ok
  within $two_intervals "egress is up" egress 1 2 2
  check "no cause is left" has_not 'mxhealth_address_cause_info{port="25"}'
  check "and never was a domain called unreachable" equal \
    "$(sed "1,${before}d" "$work/exporter.log" | grep -c 'verdict=\(unreachable\|degraded\|at_risk\)')" 0
}

all_undetermined() {
  local domain
  for domain in $domains; do
    has_verdict "$domain" undetermined && has_cause "$domain" egress_blocked || return
  done
}

counters_of() { grep "^mxhealth_domain_$1_total{.*role=\"mx\"" "$work/scrape" | sort; }

# What a blocked port can look like; a session that was under way when it closed is another thing.
failures_of_theirs() {
  grep '^mxhealth_endpoint_failures_total{.*port="25"' "$work/scrape" |
    grep -E 'cause="(connect_[a-z]+|host_unreachable|net_unreachable|closed_before_banner)"' | sort
}

unchanged() { # unchanged FILE COMMAND…
  local before=$work/$1
  shift
  [ -s "$before" ] && diff "$before" <("$@")
}

only_ours() { [ -n "$(sample "$1" side)" ] && [ -z "$(sample "$1" side | grep -v ours)" ]; }

without_ipv6() {
  local host log=$work/exporter.log before
  before=$(wc -l <"$log")
  ip -6 route del default
  for host in 1 10 20 30 53; do ip -6 addr del "2001:db8::$host/64" dev mx0; done
  within $two_intervals "no route for IPv6: said" grep 'event=no_route family=ipv6' "$log"
  sleep $((2 * interval))
  check "every domain is still ok" all_ok
  check "egress has nothing to show there" has_not 'mxhealth_egress_up{port="25",family="ipv6"}'
  check "nothing else was said" equal "$(sed "1,${before}d" "$log" | grep -cE 'event=(no_route|egress_|verdict_)')" 1
  for host in 1 10 20 30 53; do ip -6 addr add "2001:db8::$host/64" dev mx0 nodad; done
  ip -6 route add default via 2001:db8::254 dev mx0
  within $two_intervals "the route is back: said" grep 'event=route_back family=ipv6' "$log"
  within $two_intervals "egress is up in both families" egress 1 2 2
  check "every domain is ok" all_ok
}

main
