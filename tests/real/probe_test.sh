#!/usr/bin/env bash
# Probing on demand against the lab's demo: Debian's Prometheus scrapes /probe with the configuration that README.md shows,
# and `mxhealthctl check` says of each state what it should, with the right exit code. Loopback only, no root.
source "$(dirname "$0")/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_probe.XXXXXX")
trap leave EXIT
prometheus=$servers/prometheus/usr/bin/prometheus

main() {
  [ -x "$prometheus" ] || skip "no Prometheus in $servers; deploy/packages.sh --unpack brings it"
  play demo mxhealth.yml
  play at-risk at-risk.yml
  printf 'probe_endpoint: {allow: [refused.example]}\n' >>"$work/mxhealth.yml"
  checks_by_hand
  start_exporter
  within 20 "and is ready" curl -fsS "http://$address/-/ready"
  endpoint
  by_prometheus
  finish
}

# play SCENARIO CONFIG: a lab of its own
play() {
  start "lab_$1" "$bin/mxhealth_lab" --config-out "$work/$2" --ready-file "$work/ready_$1" "$root/tests/lab/scenarios/$1.yml"
  within 20 "the lab plays $1" test -s "$work/ready_$1"
}

leave() {
  stop_all
  [ $failures -eq 0 ] || show_logs
  rm -rf "$work"
}

# --- mxhealthctl check

checks_by_hand() {
  says 0 healthy.example 'healthy\.example  ok ' 'mx1\.healthy\.example  TLSv1\.3, certificate until'
  says 1 backup-only.example 'degraded  connect_refused 4\.4\.1' 'FAIL .*connect_refused' 'ok .*ehlo' '  side   theirs' '  first  '
  config=at-risk.yml says 1 at-risk.lab.test '  at_risk  '
  says 2 refused.example 'unreachable  connect_refused 4\.4\.1' 'A sender would queue and log 4\.4\.1'
  says 2 blocked.example 'rejecting  banner_rejected 5\.7\.1' 'bounce|queue'
  says 2 busy.example 'tempfail  banner_tempfail'
  says 2 no-such-domain.example 'unreachable  dns_nxdomain 5\.4\.4'
  says 0 submission.example 'submission\.example  no_mail' '\(submission\)  ok'
  check "several at once: the worst exit code" exits 2 healthy.example backup-only.example refused.example
  check "an unknown module: wrong usage, with a list" exits_saying 3 'there are .*submission' --module=smtp healthy.example
  check "no colours where nobody looks" no_escapes healthy.example refused.example
  check "for monitoring: one line, with time" exits_saying 2 "^MXHEALTH CRITICAL - .*connect_refused.* \| 'refused\.example'=[0-9.]+s$" --nagios refused.example
  check "as JSON: the document of the API" json_of refused.example
  printf 'global: {ehlo_name: probe.example.net}\nresolvers: ["127.0.0.1:1"]\ntargets: [{domain: healthy.example}]\n' >"$work/deaf.yml"
  config=deaf.yml check "without a resolver: undetermined" exits_saying 3 'undetermined  resolver_unreachable' healthy.example
  check "time is up: undetermined" exits_saying 3 'undetermined  probe_deadline' --timeout=0.3 silent.example
}

# says CODE TARGET REGEX…
says() {
  local code=$1 target=$2 regex
  shift 2
  check "check $target: exit code $code" exits "$code" "$target"
  for regex in "$@"; do check "check $target says: $regex" grep -E "$regex" "$work/said"; done
}

exits() {
  local code=$1
  shift
  "$bin/mxhealthctl" check --config.file="$work/${config:-mxhealth.yml}" "$@" >"$work/said" 2>"$work/complaint"
  local status=$?
  cat "$work/said" "$work/complaint"
  [ $status = "$code" ] || { printf 'exit code %s\n' "$status"; return 1; }
}

exits_saying() {
  local code=$1 regex=$2
  shift 2
  exits "$code" "$@" && grep -qE "$regex" "$work/said" "$work/complaint"
}

json_of() {
  exits 2 --json "$1" && python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["schema_version"])' "$work/said"
}

no_escapes() { exits 2 "$@" && ! grep -q $'\033' "$work/said" "$work/complaint"; }

# --- /probe

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_exporter() {
  address=127.0.0.1:$(free_port)
  start exporter "$bin/mxhealth_exporter" --config.file="$work/mxhealth.yml" --web.listen-address="$address"
  within 20 "the exporter answers" curl -fsS "http://$address/-/healthy"
}

endpoint() {
  check "promtool finds nothing to say about a probe" promtool_is_silent
  check "a healthy domain succeeds" probe_says '^probe_success 1$' 'target=healthy.example'
  check "with the metrics of that target alone" lacks 'backup-only|mxhealth_resolver|mxhealth_egress'
  check "a refused one does not" probe_says '^probe_success 0$' 'target=refused.example&module=mx'
  check "and says why" grep 'mxhealth_domain_cause_info{domain="refused.example",role="mx",cause="connect_refused"' "$work/said"
  check "the scrape's timeout is kept" cut_short
  check "debug is for people" probe_says 'unreachable  connect_refused' 'target=refused.example&debug=true'
  check "what is not allowed: 403 that names the rule" answers 403 'probe_endpoint.allow' 'target=example.org'
  check "an unknown module: 400 that lists them" answers 400 'there are .*mx, ' 'target=healthy.example&module=smtp'
  check "no target: 400" answers 400 'target is missing' 'module=mx'
}

probe_says() {
  curl -sS --max-time 20 "http://$address/probe?$2" >"$work/said" && cat "$work/said" && grep -qE "$1" "$work/said"
}
lacks() { ! grep -E "$1" "$work/said"; }
answers() {
  local code
  code=$(curl -sS --max-time 20 -o "$work/said" -w '%{http_code}' "http://$address/probe?$3")
  cat "$work/said"
  equal "$code" "$1" && grep -qE "$2" "$work/said"
}
promtool_is_silent() {
  local words
  curl -fsS "http://$address/probe?target=healthy.example" >"$work/said"
  words=$("$servers/prometheus/usr/bin/promtool" check metrics <"$work/said" 2>&1) && [ -z "$words" ] && return
  printf '%s\n' "$words"
  return 1
}
cut_short() {
  local from=${EPOCHREALTIME/./}
  curl -fsS -H 'X-Prometheus-Scrape-Timeout-Seconds: 1' "http://$address/probe?target=silent.example" >"$work/said"
  [ $(((${EPOCHREALTIME/./} - from) / 1000)) -lt 1000 ] && grep -q '^probe_success 0$' "$work/said" &&
    grep -q 'cause="probe_deadline"' "$work/said"
}

# The configuration of README.md, with the addresses and times of here.
by_prometheus() {
  local port
  port=$(free_port)
  awk '/^## Probing on demand/ {here = 1} here && /^```$/ {exit} here && inside {print} here && /^```yaml/ {inside = 1}' \
    "$root/README.md" | sed -e "s/exporter.example.net:25587/$address/" -e 's/60s/2s/; s/50s/1500ms/' \
    -e "s/example.com, \"mx.example.net:25\"/healthy.example, \"mx.refused.example:$(mx_port)\"/" >"$work/prometheus.yml"
  check "promtool takes README's configuration" "$servers/prometheus/usr/bin/promtool" check config --syntax-only "$work/prometheus.yml"
  start prometheus "$prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
    --web.listen-address="127.0.0.1:$port" --log.level=warn --web.console.templates="$work" --web.console.libraries="$work"
  within 30 "Prometheus: probe_success is 1" prometheus_says "$port" 'probe_success{instance="healthy.example"}' 1
  within 10 "and 0" prometheus_says "$port" "probe_success{instance=\"mx.refused.example:$(mx_port)\"}" 0
  check "beside our own names" prometheus_says "$port" 'mxhealth_domain_verdict{instance="healthy.example",verdict="ok"}' 1
}
mx_port() { curl -fsS "http://$address/metrics" | sed -nE 's/^mxhealth_endpoint_up\{server="mx1.healthy.example",port="([0-9]+)".*/\1/p'; }
prometheus_says() {
  local answer
  answer=$("$servers/prometheus/usr/bin/promtool" query instant "http://127.0.0.1:$1" "$2" 2>&1)
  equal "$(sed -E 's/.* => ([^ ]+) @.*/\1/' <<<"$answer")" "$3"
}

main
