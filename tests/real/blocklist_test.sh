#!/usr/bin/env bash
# Blocklists of a real rbldnsd behind a real unbound: listed and clean addresses and domains are told apart, the reason
# that the list gives is told, a delisting and a new listing are seen after the answers' TTL. A list that stops answering,
# or lists the whole world, lists nobody and clears nobody. Then the key of a keyed list, which is part of every question
# about it, is looked for in everything the exporter has ever said.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/blocklists.sh"
source "$here/exporter.sh"
enter_world "$@"

readonly key=q7wz3kanarie5hush # odd enough to be nowhere by accident
# A changed file is read within a second, unbound may hold the old answer for its TTL, then an interval: each state.
readonly seen=$((1 + list_ttl + interval + 2))
readonly seen_twice=$((seen + interval + 1)) # a listing counts, and ends, after its second check

main() {
  start_dns "sender A 192.31.196.25" # AS112's, public and nobody's mail host; nothing leaves this namespace
  start_rbldnsd $key
  unbound_asks_rbldnsd >>"$work/dns/unbound.conf"
  stop unbound
  start_unbound
  lists_answer
  write_lists_config
  start exporter "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address $address \
    --log.level debug
  within 50 "the exporter is ready" get /-/ready || finish
  listed_and_clean
  reasons
  delisted_and_listed_again
  lists_the_world
  lists_nobody
  silent
  keep_what_it_said
  stop exporter
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  broken_configurations
  silence_about_the_key
  finish
}

# The servers themselves, before anybody is judged by them.
lists_answer() {
  check "rbldnsd lists through unbound" equal "$(asked 66.2.0.192.bl.test)" 127.0.0.2
  check "and in IPv6" equal "$(asked "$(nibbles 2001:db8:66::1).bl.test")" 127.0.0.2
  check "and domains" equal "$(asked bad.example.dbl.test)" 127.0.1.2
  check "with the key in front" equal "$(asked 66.2.0.192.$key.keyed.test)" 127.0.0.2
  check "and not without it" [ -z "$(asked 66.2.0.192.keyed.test)" ]
}

asked() { dig +short +time=2 +tries=2 @127.0.0.1 "$1" A; }
nibbles() { python3 -c 'import ipaddress, sys; print(ipaddress.ip_address(sys.argv[1]).reverse_pointer[:-9])' "$1"; }

# Two targets are subjects, too, for information; the address of one is a documentation address, which no list knows.
write_lists_config() {
  write_exporter_config
  sed -i '/^targets:/,$d; /^dnsbl:/d; /tls_ca_file/d' "$work/mxhealth.yml"
  printf '%s\n' $key >"$work/list.key"
  cat >>"$work/mxhealth.yml" <<CONF
targets:
  - {server: mx1.example.test, own: true}
  - {server: sender.example.test, own: true}
dnsbl:
  interval: ${interval}s
  subjects:
    addresses: [192.0.2.66, 192.0.2.67, 192.0.2.77, 192.0.2.88, 198.51.100.6/31, "2001:db8:66::1", "2001:db8::67"]
    domains: [bad.example, www.bad.example, good.example]
  lists:
    - {name: addresses, zone: bl.test, kinds: [ipv4, ipv6], weight: 0.5,
       codes: {127.0.0.2: spam, 127.0.0.4: {meaning: infected, weight: 0.75}, 127.0.0.10: {meaning: dial-up, policy: true}}}
    - {name: domains, zone: dbl.test, kinds: [domain], codes: {127.0.1.2: spam}}
    - {name: secret, zone: keyed.test, kinds: [ipv4], codes: {127.0.0.2: spam}, key_file: $work/list.key}
CONF
}

# state SUBJECT LIST STATE
state() { has "mxhealth_dnsbl_state{subject=\"$1\",list=\"$2\",state=\"$3\"}"; }
# gauge SUBJECT LIST VALUE: 1 listed, 0 clean, none neither
gauge() {
  local name="mxhealth_dnsbl_listed{subject=\"$1\",list=\"$2\"}"
  if [ "$3" = none ]; then has_not "$name"; else has "$name" "$3"; fi
}

listed_and_clean() {
  local listing
  for listing in '192.0.2.66 addresses' '192.0.2.77 addresses' '198.51.100.6 addresses' '2001:db8:66::1 addresses' \
    'bad.example domains' 'www.bad.example domains' '192.0.2.66 secret' '192.31.196.25 addresses'; do
    within $((10 + seen_twice)) "listed: $listing" gauge ${listing% *} ${listing#* } 1
    check "  and its state says so" state ${listing% *} ${listing#* } listed
  done
  for listing in '192.0.2.67 addresses' '198.51.100.7 addresses' '2001:db8::67 addresses' 'good.example domains' \
    '192.0.2.67 secret'; do
    check "clean: $listing" gauge ${listing% *} ${listing#* } 0
    check "  and its state says so" state ${listing% *} ${listing#* } clean
  done
  check "a code that nobody explained is neither" state 192.0.2.88 addresses unknown
  check "  and has no gauge" gauge 192.0.2.88 addresses none
  check "an address is not looked up on a list of domains" has_not \
    'mxhealth_dnsbl_state{subject="192.0.2.66",list="domains"}'
  for listing in addresses domains secret; do
    check "the list '$listing' is healthy" has "mxhealth_dnsbl_list_healthy{list=\"$listing\"}"
  done
  check "weight of a code" has 'mxhealth_dnsbl_listing_weight{subject="192.0.2.77",list="addresses"}' 0.75
  check "weight of a list" has 'mxhealth_dnsbl_listing_weight{subject="192.0.2.66",list="addresses"}' 0.5
  check "its code" has 'mxhealth_dnsbl_code_info{subject="192.0.2.77",list="addresses",code="127.0.0.4"}'
  check "a target is told from a sender" has 'mxhealth_dnsbl_subject_info{subject="192.31.196.25",source="target"}'
  check "a policy about senders weighs nothing there" has \
    'mxhealth_dnsbl_listing_weight{subject="192.31.196.25",list="addresses"}' 0
  check "an address that no list can know is not asked for" has_not 'mxhealth_dnsbl_subject_info{subject="192.0.2.10"}'
}

# In the log at a listing's begin, and on the page as long as it lasts; no label has it.
reasons() {
  check "the log has the reason" logged listed 192.0.2.66 'Open relay, see https://bl.test/?192.0.2.66'
  check "of another code" logged listed 192.0.2.77 'Infected, see https://bl.test/?192.0.2.77'
  check "of an IPv6 network" logged listed 2001:db8:66::1 'Spam from a network, see https://bl.test/'
  check "of a domain" logged listed bad.example 'Spam domain bad.example'
  check "of a keyed list, without the key" logged listed 192.0.2.66 'Asked as 192.0.2.66.***.keyed.test'
  get / >"$work/page" || failures=$((failures + 1))
  check "the page has it" grep -F 'Open relay, see https://bl.test/?192.0.2.66' "$work/page"
  check "no label has it" has_not_text 'see https' "$work/scrape"
}

# logged EVENT SUBJECT TEXT
logged() { grep -E "event=$1( |$)" "$work/exporter.log" | grep -F "subject=$2 " | grep -F -- "$3"; }
has_not_text() { ! grep -F -- "$1" "$2"; }

delisted_and_listed_again() {
  change_list bl4 '/^192.0.2.66$/d'
  within $seen_twice "delisted" gauge 192.0.2.66 addresses 0
  check "the log says so" logged delisted 192.0.2.66 addresses
  get / >"$work/page"
  check "the page has it no more" has_not_text 'Open relay, see https://bl.test/?192.0.2.66' "$work/page"
  check "its neighbours stay listed" gauge 192.0.2.77 addresses 1
  change_list bl4 '$a192.0.2.66 :127.0.0.4:Once more, see https://bl.test/?$'
  within $seen_twice "listed again" gauge 192.0.2.66 addresses 1
  check "for another reason" logged listed 192.0.2.66 'Once more, see https://bl.test/?192.0.2.66'
}

# As dead lists have done: everybody is listed.
lists_the_world() {
  cp -p "$work/lists/bl4" "$work/lists/bl4.honest"
  change_list bl4 '$a0.0.0.0/1 :127.0.0.2:This list is closed\n128.0.0.0/1 :127.0.0.2:This list is closed'
  within $seen_twice "a list that lists the world is not believed" has 'mxhealth_dnsbl_list_healthy{list="addresses"}' 0
  check "it does not list who was clean" gauge 192.0.2.67 addresses none
  check "  whose state says why" state 192.0.2.67 addresses unhealthy
  sleep $((2 * interval))
  check "nor later" gauge 192.0.2.67 addresses none
  check "nobody was listed for it" never_listed 192.0.2.67
  mv "$work/lists/bl4.honest" "$work/lists/bl4"
  touch "$work/lists/bl4"
  within $((seen_twice + interval)) "in its senses again" gauge 192.0.2.67 addresses 0
  within $seen_twice "and its listings are back" gauge 192.0.2.66 addresses 1
}

# As others have died: all entries are gone, its test points among them. Just after a test of ours, so that it is long
# until the next.
lists_nobody() {
  cp -p "$work/lists/bl4" "$work/lists/bl4.honest"
  await_test
  change_list bl4 '/^[0-9!:]/d'
  within $seen_twice "a list that lists nobody is not believed" has 'mxhealth_dnsbl_list_healthy{list="addresses"}' 0
  for _ in $(seq $((10 * interval))); do
    gauge 192.0.2.66 addresses none >/dev/null || break
    sleep 0.1
  done
  check "it clears nobody" gauge 192.0.2.66 addresses none
  check "nobody was cleared for it" equal "$(times_delisted)" 1
  mv "$work/lists/bl4.honest" "$work/lists/bl4"
  touch "$work/lists/bl4"
  within $((seen_twice + interval)) "in its senses again" gauge 192.0.2.67 addresses 0
  within $seen_twice "and its listings are back" gauge 192.0.2.66 addresses 1
}

times_delisted() { grep -c 'event=delisted.* list=addresses' "$work/exporter.log"; } # once, truly

await_test() {
  local before end=$((SECONDS + 2 * interval))
  before=$(tests_seen)
  while [ "$(tests_seen)" = "$before" ] && [ $SECONDS -lt $end ]; do sleep 0.05; done
}

tests_seen() { grep -c ' 2\.0\.0\.127\.bl\.test A ' "$work/lists/queries"; }

never_listed() { ! logged listed "$1" ''; }

# Its server ends: unbound says SERVFAIL, and that is no statement.
silent() {
  stop rbldnsd
  within $seen_twice "no answer: unknown" state 192.0.2.66 addresses unknown
  check "and neither listed" gauge 192.0.2.66 addresses none
  within $seen_twice "nor clean" state 192.0.2.67 addresses unknown
  within $seen_twice "and the next" state 192.0.2.77 addresses unknown
  check "counted as failures" lookups_failed addresses
  start_rbldnsd $key
  within $((seen_twice + 30)) "answers again: listed" gauge 192.0.2.77 addresses 1
}

# unbound gives up on a dead server with SERVFAIL, later or sooner than the exporter does.
lookups_failed() {
  sample "mxhealth_dnsbl_lookup_failures_total{list=\"$1\"}" cause >/dev/null &&
    grep -E "^mxhealth_dnsbl_lookup_failures_total\{list=\"$1\",cause=\"(timeout|servfail)\"\} [1-9]" "$work/scrape"
}

keep_what_it_said() {
  mkdir -p "$work/said"
  get /metrics >"$work/said/metrics"
  curl -fsS -H 'Accept: application/openmetrics-text' "http://$address/metrics" >"$work/said/openmetrics"
  get / >"$work/said/page"
  get /api/v1/status >"$work/said/status" 2>&1
  get '/probe?target=mx1.example.test&debug=true' >"$work/said/probe" 2>&1
}

# Configurations with a slip, whose complaints quote what is wrong; and keys that are none.
broken_configurations() {
  local slip
  sed 's/codes: {127.0.0.2: spam}, key_file/cods: {}, key_file/' "$work/mxhealth.yml" >"$work/slip.yml"
  check_config slip
  for slip in "$key $key" "$key.$key" "$(printf "$key%.0s" 1 2 3 4 5 6)" "$key
$key"; do
    printf '%s\n' "$slip" >"$work/wrong.key"
    sed "s#$work/list.key#$work/wrong.key#" "$work/mxhealth.yml" >"$work/wrong.yml"
    check_config wrong
  done
  # written where only the file's name belongs
  sed "s#key_file: $work/list.key#key: $key#" "$work/mxhealth.yml" >"$work/inline.yml"
  check_config inline
}

check_config() {
  "$bin/mxhealth_exporter" --config.check --config.file "$work/$1.yml" >>"$work/said/check" 2>&1
  check "--config.check of $1.yml ends with status 1" equal $? 1
}

silence_about_the_key() {
  check "it was asked with the key" grep -q "66.2.0.192.$key.keyed.test" "$work/lists/queries"
  check "the log at debug level tells of the list" grep -q 'list=secret' "$work/exporter.log"
  check "the key is not in the log at debug level" has_not_text $key "$work/exporter.log"
  local file
  for file in "$work/said/"*; do
    check "nor in ${file##*/} ($(wc -c <"$file") octets)" has_not_text $key "$file"
  done
}

main
