#!/usr/bin/env bash
# Mail hosts whose replies, names and records hold markup, terminal controls, NULs, marks that turn text around, and
# more than 10 kB of it; and hosts that repeat a password in pieces. What they say is shown harmlessly in all places:
# page, API, log in both formats, terminal and metrics. harmless.py judges the octets. Loopback only, no root.
source "$(dirname "$0")/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_hostile.XXXXXX")
trap leave EXIT
promtool=$servers/prometheus/usr/bin/promtool
targets=(hostile-replies.lab.test {refuses,endless,chatters,odd,names}.hostile.example)
logins=({lines,reads,replies,welcomes,asks,babbles}.hostile-login.lab.test)

main() {
  [ -x "$promtool" ] || skip "no promtool in $servers; deploy/packages.sh --unpack brings it"
  play hostile-replies
  play hostile-login
  start_exporter logfmt hostile-replies
  replies
  terminal
  stop exporter_logfmt
  check "log in logfmt" harmless log "$work/exporter_logfmt.log"
  start_exporter json hostile-replies
  stop exporter_json
  check "log in JSON" harmless json_log "$work/exporter_json.log"
  start_exporter logins hostile-login
  passwords
  finish
}

leave() {
  stop_all
  [ $failures -eq 0 ] || show_logs
  rm -rf "$work"
}

play() {
  start "lab_$1" "$bin/mxhealth_lab" --config-out "$work/$1.yml" --ready-file "$work/$1.ready" "$root/tests/lab/scenarios/$1.yml"
  within 20 "the lab plays $1" test -s "$work/$1.ready"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_exporter NAME SCENARIO: until each target has a result; it tells all it can
start_exporter() {
  local format=logfmt
  [ "$1" != json ] || format=json
  address=127.0.0.1:$(free_port)
  start "exporter_$1" "$bin/mxhealth_exporter" --config.file="$work/$2.yml" --web.listen-address="$address" \
    --log.level=debug --log.format=$format
  within 30 "an exporter watches $2" curl -fsS "http://$address/-/ready"
}

harmless() { python3 "$here/harmless.py" "$@"; }

# fetch FILE PATH
fetch() { curl -fsS --max-time 20 -o "$work/$1" "http://$address$2"; }

replies() {
  local target
  for target in "${targets[@]}"; do
    fetch page "/targets/$target"
    check "page of $target" harmless page "$work/page"
    fetch document "/api/v1/targets/$target"
    check "API of $target" harmless json "$work/document"
    fetch debug "/probe?target=$target&debug=true"
    check "a probe of $target, for people" harmless text "$work/debug"
    fetch probe "/probe?target=$target"
    check "a probe of $target, for Prometheus" promtool_is_silent "$work/probe"
  done
  for target in hostile-replies.lab.test {refuses,chatters}.hostile.example; do
    fetch page "/targets/$target"
    check "what $target says is on its page" grep -F '&lt;script&gt;alert(' "$work/page"
  done
  fetch page / && check "page of all" harmless page "$work/page"
  fetch document /api/v1/status && check "API of all" harmless json "$work/document"
  fetch metrics /metrics && check "metrics" harmless text "$work/metrics"
  check "promtool has nothing to say" promtool_is_silent "$work/metrics"
  check "no label has the words of a reply" lacks evil "$work/metrics"
  what_we_are_asked
}

# A client may be as hostile as a mail host.
what_we_are_asked() {
  local path evil='%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%3E%1B%5B31m%E2%80%AE%00%0D%0AX-Evil:%201'
  for path in "/?q=$evil" "/?verdict=$evil" "/targets/$evil" "/causes/$evil" "/api/v1/targets/$evil" "/probe?target=$evil" \
    "/probe?target=hostile-replies.lab.test&module=$evil" "/$evil"; do
    curl -sS -D "$work/fields" -o "$work/said" "http://$address$path"
    check "asked for ${path%%%*}: the answer" harmless page "$work/said"
    check "asked for ${path%%%*}: its header" lacks 'evil' "$work/fields"
  done
}

# grep finds nothing in what is binary, unless told so.
lacks() { test -s "$2" && ! grep -a -i -F -o -- "$1" "$2"; }

promtool_is_silent() {
  local words
  words=$("$promtool" check metrics <"$1" 2>&1) && [ -z "$words" ] && return
  printf '%s\n' "$words"
  return 1
}

terminal() {
  local target
  for target in "${targets[@]}"; do
    check "terminal: check $target" harmless terminal "$bin/mxhealthctl" check --config.file="$work/hostile-replies.yml" "$target"
  done
  "$bin/mxhealthctl" check --nagios --config.file="$work/hostile-replies.yml" "${targets[@]}" >"$work/nagios"
  check "for monitoring" harmless text "$work/nagios"
  "$bin/mxhealthctl" check --json --config.file="$work/hostile-replies.yml" "${targets[0]}" >"$work/document"
  check "as JSON" harmless json "$work/document"
  for target in spf dmarc mta-sts tls-rpt tlsa; do
    check "terminal: suggest $target" harmless terminal "$bin/mxhealthctl" suggest \
      --config.file="$work/hostile-replies.yml" $target hostile-replies.lab.test
  done
}

# Half a password is a secret, too; so is its base64.
passwords() {
  local target piece
  for target in "${logins[@]}"; do
    fetch one "/targets/$target" && cat "$work/one" >>"$work/all.said"
    fetch one "/api/v1/targets/$target" && cat "$work/one" >>"$work/all.said"
    fetch one "/probe?target=$target&debug=true" && cat "$work/one" >>"$work/all.said"
    "$bin/mxhealthctl" check --config.file="$work/hostile-login.yml" "$target" >>"$work/all.said"
    "$bin/mxhealthctl" check --json --config.file="$work/hostile-login.yml" "$target" >>"$work/all.said"
  done
  fetch one /metrics && cat "$work/one" >>"$work/all.said"
  stop exporter_logins
  check "six logins were tried" equal "$(grep -o 'verdict_changed domain=[^ ]*' "$work/exporter_logins.log" | sort -u | wc -l)" 6
  cat "$work/exporter_logins.log" >>"$work/all.said"
  check "the page shows that there was a login" grep -q 'AUTH PLAIN \*\*\*' "$work/all.said"
  for piece in correct-horse tery-staple Y29ycmVjd YXR0ZXJ5L ZXJ5LXN0 c3RhcGxl; do
    check "no piece of the password: $piece" lacks "$piece" "$work/all.said"
  done
}

main
