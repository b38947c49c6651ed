# The domain names of the real-server tests: nsd serves them, a validating unbound on 127.0.0.1 port 53 asks it.
# example.test and what is below it is signed; plain.test is not, so that "authenticated" has a counter-example. bogus.test
# fails validation, and for dead.test there is SERVFAIL only. $zone_ttl may be set before.
# Needs lib.sh. Goes wrong when the kernel refuses port 53 or dnssec-signzone is missing.

# start_dns [RECORDS]: what a test adds to example.test
start_dns() {
  mkdir -p "$work/dns"
  write_zones
  printf '%s\n' "${1:-}" >>"$work/dns/example.test"
  sign_zone || exit 1 # it ran, and said why, in a subshell
  write_nsd_config
  write_unbound_config
  : >"$work/dns/lies.conf"
  start nsd "$servers/nsd/usr/sbin/nsd" -d -c "$work/dns/nsd.conf"
  await_port nsd 192.0.2.53 53
  start_unbound
  check "unbound validates example.test" answers_authenticated example.test
}

start_unbound() {
  start unbound "$servers/unbound/usr/sbin/unbound" -d -c "$work/dns/unbound.conf"
  await_port unbound 127.0.0.1 53
}

# What an advertising resolver does to names that do not exist, here to those below these two.
make_unbound_lie() {
  local name
  for name in control gone; do
    printf 'local-zone: "%s.plain.test." redirect\nlocal-data: "%s.plain.test. 60 A 192.0.2.99"\n' $name $name
  done >"$work/dns/lies.conf"
}

answers_authenticated() {
  dig +time=2 +tries=2 +adflag @127.0.0.1 "$1" MX >"$work/dns/answer"
  grep 'flags:.* ad' "$work/dns/answer" || { cat "$work/dns/answer"; return 1; }
}

write_zones() {
  cat >"$work/dns/example.test" <<'ZONE'
$ORIGIN example.test.
$TTL 60
@        SOA   ns hostmaster 1 3600 600 86400 60
@        NS    ns
ns       A     192.0.2.53
@        MX    10 mx1
exim     MX    10 mx2
patient  MX    10 mx3
both     MX    10 mx1
both     MX    20 mx2
new      MX    10 mx2
mx1      A     192.0.2.10
mx1      AAAA  2001:db8::10
mx2      A     192.0.2.20
mx2      AAAA  2001:db8::20
mx3      A     192.0.2.30
ZONE
  cat >"$work/dns/plain.test" <<'ZONE'
$ORIGIN plain.test.
$TTL 60
@        SOA   ns.example.test. hostmaster.example.test. 1 3600 600 86400 60
@        NS    ns.example.test.
@        MX    10 mx2.example.test.
control  A     192.0.2.53
ZONE
  cat >"$work/dns/bogus.test" <<'ZONE'
$ORIGIN bogus.test.
$TTL 60
@        SOA   ns.example.test. hostmaster.example.test. 1 3600 600 86400 60
@        NS    ns.example.test.
@        MX    10 mx2.example.test.
ZONE
  sed -i "s/^\$TTL .*/\$TTL ${zone_ttl:-60}/; s/ 86400 60$/ 86400 ${zone_ttl:-60}/" "$work/dns/"*.test
}

sign_zone() (
  cd "$work/dns" || exit
  dnssec-keygen -q -a ECDSAP256SHA256 -f KSK example.test >/dev/null || die "dnssec-keygen"
  dnssec-keygen -q -a ECDSAP256SHA256 example.test >/dev/null || die "dnssec-keygen"
  dnssec-signzone -S -o example.test -f example.test.signed example.test >sign.log 2>&1 ||
    die "dnssec-signzone: $(cat sign.log)"
  grep -h 'DNSKEY 257' K*.key >anchor.key
  sed 's/^example\.test\./bogus.test./' anchor.key >bogus.key # its zone is not signed with it, nor at all
)

write_nsd_config() {
  cat >"$work/dns/nsd.conf" <<CONF
server:
  ip-address: 192.0.2.53
  username: ""
  zonesdir: "$work/dns"
  database: ""
  pidfile: "$work/dns/nsd.pid"
  zonelistfile: "$work/dns/nsd.zonelist"
  xfrdfile: "$work/dns/nsd.xfrd"
  xfrdir: "$work/dns"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.test.signed
zone:
  name: plain.test
  zonefile: plain.test
zone:
  name: bogus.test
  zonefile: bogus.test
zone:
  name: dead.test
  zonefile: no-such-file
CONF
}

write_unbound_config() {
  cat >"$work/dns/unbound.conf" <<CONF
server:
  interface: 127.0.0.1
  username: ""
  chroot: ""
  directory: "$work/dns"
  pidfile: "$work/dns/unbound.pid"
  use-syslog: no
  module-config: "validator iterator"
  trust-anchor-file: "$work/dns/anchor.key"
  trust-anchor-file: "$work/dns/bogus.key"
  local-zone: test. nodefault
  domain-insecure: plain.test
  domain-insecure: dead.test
  include: "$work/dns/lies.conf"
  num-threads: 1
remote-control:
  control-enable: no
stub-zone:
  name: example.test
  stub-addr: 192.0.2.53
stub-zone:
  name: plain.test
  stub-addr: 192.0.2.53
stub-zone:
  name: bogus.test
  stub-addr: 192.0.2.53
stub-zone:
  name: dead.test
  stub-addr: 192.0.2.53
CONF
}
