#!/usr/bin/env bash
# Our own resolver fails, comes back, and lies. Stopped: domains with a held set keep a true verdict, also when one of
# their hosts is stopped meanwhile; one that is added meanwhile is undetermined; two intervals after its return all is
# true, and nobody was called unreachable for it. A domain whose own zone fails or is bogus shows at once. Addresses
# that it makes up for names that do not exist are found, and declare nobody dead.
readonly zone_ttl=2 # shorter than the interval: what is held, is held by the exporter
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/exporter.sh"
enter_world "$@"

# The resolver settles for ten seconds after it was away.
readonly soon=$((2 * interval + 1 + 1)) # two intervals, a confirmation, and the clock of a busy machine

main() {
  start_dns
  start_mail
  write_exporter_config
  cat >>"$work/mxhealth.yml" <<CONF
  - {domain: gone.plain.test, own: true}
resolver_check: {name: control.plain.test}
CONF
  start_exporter
  within 30 "every domain is ok" all_ok
  within $soon "a domain that does not exist is unreachable" has_cause gone.plain.test dns_nxdomain
  check "the resolver is up" has mxhealth_resolver_up 1
  check "and makes nothing up" has mxhealth_resolver_rewrites 0
  failures_of_their_own
  stopped
  lying
  stop exporter
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  finish
}

# add DOMAIN…: to the targets, by a reload
add() {
  local domain
  for domain in "$@"; do sed -i "s/^resolver_check:/  - {domain: $domain, own: true}\n&/" "$work/mxhealth.yml"; done
  check "reload with $*" curl -fsS -X POST "http://$address/-/reload"
}

failures_of_their_own() {
  add dead.test bogus.test
  within $soon "SERVFAIL of a zone shows at once" has_cause dead.test dns_servfail
  within $soon "a failed validation shows at once" has_cause bogus.test dns_bogus
  check "unreachable" has_verdict bogus.test unreachable
  check "the side is theirs" has 'mxhealth_domain_cause_info{domain="bogus.test",cause="dns_bogus",side="dns"}'
  check "counted" has_above_nought 'mxhealth_mx_lookup_failures_total{domain="bogus.test",cause="dns_bogus"}'
  check "the resolver is still up" has mxhealth_resolver_up 1
}

stopped() {
  unreachable_cycles >"$work/cycles"
  stop unbound
  # The cache of the exporter is good for one more interval, and the resolver is down after two without an answer.
  within $((4 * interval)) "unbound stopped: the resolver is down" has mxhealth_resolver_up 0
  check "every domain is still ok" all_ok
  stop mx1
  within $soon "a host stopped meanwhile: connect_refused" has_cause example.test connect_refused
  within $soon "the domain is unreachable" has_verdict example.test unreachable
  add new.example.test
  within $soon "a domain added meanwhile is undetermined" has_verdict new.example.test undetermined
  check "for our resolver" has_cause new.example.test resolver_unreachable
  check "the side is ours" has \
    'mxhealth_domain_cause_info{domain="new.example.test",cause="resolver_unreachable",side="ours"}'
  start_postfix mx1 192.0.2.10
  within $soon "the host started: all ok, by their held sets" all_ok
  start_unbound
  within $soon "unbound started: the resolver is up" has mxhealth_resolver_up 1
  within $soon "the new domain is ok" has_verdict new.example.test ok
  check "all others, too" all_ok
  sleep $((3 * interval)) # also when what unbound remembers of the outage has had its time
  check "and they stay so" all_ok
  check "nobody was called unreachable for it" cycles_unchanged
}

lying() {
  unreachable_cycles >"$work/cycles"
  make_unbound_lie
  stop unbound
  start_unbound
  within $soon "made-up addresses are found" has mxhealth_resolver_rewrites 1
  within $((soon + 10)) "a domain that does not exist is undetermined" has_verdict gone.plain.test undetermined
  check "for our resolver" has_cause gone.plain.test resolver_rewrites
  check "the address is not dialled" has_not 'mxhealth_address_up{server="gone.plain.test"}'
  check "every genuine domain is ok" all_ok
  check "the resolver is up" has mxhealth_resolver_up 1
  check "nobody was called unreachable for it" cycles_unchanged
  : >"$work/dns/lies.conf"
  stop unbound
  start_unbound
  within $soon "nothing is made up any more" has mxhealth_resolver_rewrites 0
  within $((soon + 10)) "the domain that does not exist is unreachable again" has_cause gone.plain.test dns_nxdomain
  check "every genuine domain is ok" all_ok
}

# Of those whose DNS and hosts are well all the time.
unreachable_cycles() {
  scrape &&
    grep -E '^mxhealth_domain_unreachable_cycles_total\{domain="((exim|patient|both|new)\.example|plain)\.test"' "$work/scrape"
}

# The new domain was not there before: its count has to be 0.
cycles_unchanged() { unreachable_cycles | sed '/ 0$/d' | diff <(sed '/ 0$/d' "$work/cycles") -; }

has_above_nought() { local value; value=$(sample "$1") && [ "${value%.*}" -gt 0 ]; }

main
