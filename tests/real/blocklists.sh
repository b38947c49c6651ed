# Real blocklists for the real-server tests: rbldnsd serves them on 192.0.2.53 port 5320, unbound asks it and caches.
# Three zones: bl.test of IPv4 and IPv6 addresses, dbl.test of domains, KEY.keyed.test, which is asked with a key. Answers
# live $list_ttl seconds, also those that there is nothing. Needs lib.sh and dns.sh.

readonly list_ttl=3

# start_rbldnsd KEY
start_rbldnsd() {
  mkdir -p "$work/lists"
  write_lists "$1"
  start rbldnsd "$servers/rbldnsd/usr/sbin/rbldnsd" -n -c 1 -u rbldns -b 192.0.2.53/5320 -w "$work/lists" \
    -l "+$work/lists/queries" "bl.test:ip4set:bl4" "bl.test:ip6trie:bl6" "dbl.test:dnset:dbl" "$1.keyed.test:ip4set:keyed"
  await_udp rbldnsd 192.0.2.53 5320
}

# Where unbound asks for them, to be appended to its configuration.
unbound_asks_rbldnsd() {
  local zone
  for zone in bl dbl keyed; do
    printf 'server:\n  domain-insecure: %s.test\nstub-zone:\n  name: %s.test\n  stub-addr: 192.0.2.53@5320\n' $zone $zone
  done
}

write_lists() {
  list_head >"$work/lists/bl4"
  cat >>"$work/lists/bl4" <<'ZONE'
:127.0.0.2:Open relay, see https://bl.test/?$
127.0.0.2
192.0.2.66
198.51.100.0/24
!198.51.100.7
192.0.2.77 :127.0.0.4:Infected, see https://bl.test/?$
192.31.196.25 :127.0.0.10:Should not send, see https://bl.test/?$
192.0.2.88 :127.0.0.99:Something new
ZONE
  list_head >"$work/lists/bl6"
  printf ':127.0.0.2:Spam from a network, see https://bl.test/?$\n::ffff:7f00:2\n2001:db8:66::/48\n' >>"$work/lists/bl6"
  list_head >"$work/lists/dbl"
  printf ':127.0.1.2:Spam domain $\ntest\n.bad.example\n' >>"$work/lists/dbl"
  list_head >"$work/lists/keyed"
  printf ':127.0.0.2:Asked as $.%s.keyed.test\n127.0.0.2\n192.0.2.66\n' "$1" >>"$work/lists/keyed" # tells tales
  chown -R rbldns "$work/lists"
}

list_head() {
  printf '$TTL %s\n$SOA %s ns.example.test. hostmaster.example.test. 0 600 300 86400 %s\n$NS %s ns.example.test.\n' \
    $list_ttl $list_ttl $list_ttl $list_ttl
}

# change_list FILE SED-SCRIPT: at once, for half a file would be half a list
change_list() {
  sed "$2" "$work/lists/$1" >"$work/lists/$1.new" && chown rbldns "$work/lists/$1.new" &&
    mv "$work/lists/$1.new" "$work/lists/$1"
}
