#!/usr/bin/env bash
# The exporter as a process among real servers: what it refuses to start with, reload by SIGHUP and by POST, and SIGTERM
# in the middle of a session, and three that share one configuration.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/exporter.sh"
enter_world "$@"

main() {
  start_dns
  start_mail
  write_exporter_config
  refuses
  start_exporter
  within 30 "every domain is ok" all_ok
  port_in_use
  endpoints
  reload
  shards
  terminate
  finish
}

# ends STATUS PATTERN ARGUMENT…: the exporter ends by itself with this status, and one line of its words matches
ends() {
  local status=$1 pattern=$2 words found
  shift 2
  words=$(timeout 20 "$bin/mxhealth_exporter" "$@" 2>&1 </dev/null)
  found=$?
  printf '%s\n' "$words"
  [ $found = "$status" ] || { printf 'ended with status %s, not %s\n' $found "$status"; return 1; }
  found=$(grep -v ' level=info ' <<<"$words" | grep -cE -- "$pattern")
  [ "$found" = 1 ] || { [ "$status" = 0 ] && [ "$found" -gt 1 ]; } ||
    { printf '%s lines match %s\n' "$found" "$pattern"; return 1; }
}

refuses() {
  printf 'targets:\n  - domain: example.test\n    colour: red\n  - {domain: example.org, interval: soon}\n' >"$work/broken.yml"
  printf 'targets: []\n' >"$work/empty.yml"
  printf 'global: {ehlo_name: probe.example.test}\ndnsbl: off\ntargets: [{domain: example.test}]\n' >"$work/own_resolver.yml"
  check "a wrong flag: status 2" ends 2 'no-such-flag' --no-such-flag
  check "a wrong value: status 2" ends 2 'external-url.*ftp' --web.external-url ftp://example.net/
  check "a shard that is none: status 2" ends 2 'shard\.index.*last is 2, not mxhealth-3' --shard.index mxhealth-3 \
    --shard.count 3
  check "no shard at all: status 2" ends 2 'shard\.count' --shard.count 0
  check "--version: status 0" ends 0 'mxhealth_exporter' --version
  check "--help: status 0" ends 0 'config\.file' --help
  check "no file: status 1, named" ends 1 'nowhere\.yml' --config.file "$work/nowhere.yml"
  check "a broken file: status 1, file:line:column" ends 1 'broken\.yml:3:5.*colour' --config.file "$work/broken.yml"
  check "all its errors at once" ends 1 'broken\.yml:4:.*(interval|soon)' --config.file "$work/broken.yml"
  check "--config.check of it says the same" ends 1 'broken\.yml:3:5' --config.check --config.file "$work/broken.yml"
  check "nothing to probe: status 1" ends 1 'empty\.yml' --config.file "$work/empty.yml"
  check "no resolver: status 1" without_resolvers ends 1 'resolv\.conf' --config.file "$work/own_resolver.yml"
  check "a wrong address: status 1, named" ends 1 'nonsense' --config.file "$work/mxhealth.yml" \
    --web.listen-address nonsense
  check "--config.check of a good file: status 0" ends 0 '' --config.check --config.file "$work/mxhealth.yml"
}

without_resolvers() {
  local status
  mount --bind /dev/null /etc/resolv.conf || return
  "$@"
  status=$?
  umount /etc/resolv.conf
  return $status
}

port_in_use() {
  check "port in use: status 1, named" ends 1 '25587' --config.file "$work/mxhealth.yml" --web.listen-address $address
}

endpoints() {
  check "/-/healthy" get /-/healthy
  check "the landing page names /metrics" grep /metrics <(get /)
  check "HEAD has no body" equal "$(curl -s --max-time 5 -I -o /dev/null -w '%{http_code} %{size_download}' \
    "http://$address/metrics")" "200 0"
  check "GET on /-/reload: 405" equal "$(status_of GET /-/reload)" 405
}

status_of() { curl -s --max-time 10 -o /dev/null -w '%{http_code}' -X "$1" "http://$address$2"; }

reload() {
  local reloaded=mxhealth_config_last_reload_successful
  check "the first load counts as a good one" has $reloaded 1
  cp "$work/mxhealth.yml" "$work/good.yml"
  cp "$work/broken.yml" "$work/mxhealth.yml"
  kill -HUP "${pid_of[exporter]}"
  within 5 "SIGHUP with a broken file: says so" has $reloaded 0
  check "POST with a broken file: not 200" grep -qE '^[45]' <(status_of POST /-/reload)
  check "the old configuration stays" all_ok
  grep -vE 'plain\.test' "$work/good.yml" >"$work/mxhealth.yml"
  check "POST with a good file: 200" equal "$(status_of POST /-/reload)" 200
  within 5 "says so" has $reloaded 1
  within 5 "a target that is gone loses its series" has_not 'mxhealth_domain_verdict{domain="plain.test"}'
  check "the others keep theirs" has_verdict example.test ok
  cp "$work/good.yml" "$work/mxhealth.yml"
  kill -HUP "${pid_of[exporter]}"
  within $((3 * interval)) "SIGHUP with a good file: the target is back" all_ok
}

# Three exporters with one configuration; a fourth, of four, has none of the five domains and is content.
shards() {
  local index everything
  for index in 0 1 2; do start_shard mxhealth-$index 3; done
  start_shard 1 4
  scrape
  everything=$(domains_in scrape)
  for index in 0 1 2; do
    within 30 "shard $index has probed its own" shard_is_ready $((25600 + index))
    check "it says which one it is" shard_gauges $index 3
    domains_in shard >"$work/shard_$index"
    check "it has some of the domains" test -s "$work/shard_$index"
  done
  check "each domain is probed by exactly one" equal "$(sort "$work"/shard_[012])" "$everything"
  within 30 "a shard without targets is ready" shard_is_ready 25601 127.0.0.2
  check "and has no domain" equal "$(domains_in shard | wc -l)" 0
  check "and says so" grep 'level=info event=shard_without_targets index=1 count=4 targets=0 all_targets=5' \
    "$work/shard_1_of_4.log"
  check "POST on reload of a shard: 200" equal \
    "$(curl -s --max-time 10 -o /dev/null -w '%{http_code}' -X POST http://127.0.0.1:25600/-/reload)" 200
  check "it still has its own alone" shard_is_ready 25600
  check "the same as before" equal "$(domains_in shard)" "$(cat "$work/shard_0")"
  for index in 0 1 2; do stop shard_mxhealth-${index}_of_3; done
  stop shard_1_of_4
}

start_shard() { # start_shard INDEX COUNT: on a port of its own for three, on an address of its own for four
  local on=127.0.0.1
  [ "$2" = 3 ] || on=127.0.0.2
  start "shard_$1_of_$2" "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --shard.index "$1" \
    --shard.count "$2" --web.listen-address "$on:$((25600 + ${1##*-}))"
}

shard_is_ready() { # shard_is_ready PORT [ADDRESS]: and $work/shard is a scrape of it
  curl -fsS --max-time 5 "http://${2:-127.0.0.1}:$1/-/ready" &&
    curl -fsS --max-time 5 "http://${2:-127.0.0.1}:$1/metrics" >"$work/shard"
}

shard_gauges() { grep -x "mxhealth_shard_ordinal $1" "$work/shard" && grep -x "mxhealth_shards $2" "$work/shard"; }

domains_in() { sed -n 's/^mxhealth_domain_verdict{domain="\([^"]*\)".*/\1/p' "$work/$1" | sort -u; }

# postscreen greets after 6 s and the interval is 5 s, so a session with it is all but always under way.
terminate() {
  within 15 "a session waits for postscreen's greeting" session_under_way
  stop exporter
  check "SIGTERM in the middle of a session: status 0" equal $stopped_with 0
  check "within 5 s" test $stopped_after -le 5500
  check "nothing was dropped on Postfix" log_lacks_lost mx1
  check "nothing was dropped on postscreen's host" log_lacks_lost mx3
}

session_under_way() { [ -n "$(ss -Htn state established "dst 192.0.2.30 and dport = :25")" ]; }
# Before the greeting there is nothing it may say, so there it closes without a word: "lost connection after CONNECT".
log_lacks_lost() { ! mail_log "$1" | grep -E 'lost connection after [^C]|PREGREET'; }

main
