#!/usr/bin/env bash
# Rules and routes as Prometheus and Alertmanager read them, and what no tool checks: that every alert has its test, its
# runbook and its links, and asks only for metrics that somebody serves.
#
#   tests/dashboards/rules_test.sh PART BIN SERVERS WORK
#
# PART is `alerts` (promtool: syntax and the alerts' own tests), `routes` (amtool), or `together` (check_rules.py over a
# scrape of the exporter before a small world). Programs are in BIN, unpacked servers in SERVERS, what is written in WORK.
# Exit 77, so that ctest says "skipped", where a tool is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
part=$1 bin=$2 servers=$3
mkdir -p "$4"
work=$(cd "$4" && pwd)
prometheus=$root/dashboards/prometheus
pids=()
readonly ready_seconds=75 # the exporter calls itself ready after 45 s at the latest

die() { printf 'rules_test: %s\n' "$*" >&2; exit 1; }
skip() { printf '**** SKIPPED: %s ****\n' "$*"; exit 77; }

main() {
  PATH=$PATH:$servers/prometheus/usr/bin:$servers/prometheus-alertmanager/usr/bin
  case $part in
    alerts) needs promtool; alerts ;;
    routes) needs amtool; routes ;;
    together) together ;;
    *) die "no part '$part'" ;;
  esac
}

needs() {
  command -v "$1" >/dev/null || skip "no $1, so $part are not checked; deploy/packages.sh --unpack build/servers"
}

# Each file by itself: they take seconds, and run side by side.
alerts() {
  local file running=()
  rm -f "$work"/*.result
  promtool check rules "$prometheus"/rules/*.yml >"$work/syntax" 2>&1 || { cat "$work/syntax"; die "rules do not load"; }
  own_links
  for file in "$prometheus"/tests/*.yml; do
    promtool test rules "$file" >"$work/${file##*/}.result" 2>&1 &
    running+=($!)
  done
  for pid in "${running[@]}"; do wait "$pid" || failed=yes; done
  [ -z "${failed:-}" ] || { head -c 20000 "$work"/*.result; die "an alert is not what its test says"; }
}

# with-links.sh puts in what a user wants, everywhere, and nothing else; it refuses what is no address.
own_links() {
  rm -rf "$work/linked"
  "$prometheus/with-links.sh" 'https://wiki.example.net/a&b/' https://grafana.example.net/g "$work/linked"
  promtool check rules "$work"/linked/*.yml >/dev/null || die "rules with links of one's own do not load"
  ! grep -q 'mxhealth\.invalid' "$work"/linked/*.yml || die "with-links.sh leaves links as they were"
  sed -e 's|https://wiki.example.net/a&b/|https://mxhealth.invalid/runbooks/|' \
    -e 's|https://grafana.example.net/g/d/|https://mxhealth.invalid/d/|' "$work"/linked/*.yml |
    cmp -s - <(cat "$prometheus"/rules/*.yml) || die "with-links.sh changes more than links"
  for wrong in 'javascript:1' 'https://a.example/b|c' 'https://a.example/"b'; do
    ! "$prometheus/with-links.sh" "$wrong" https://g.example "$work/wrong" 2>/dev/null || die "with-links.sh takes $wrong"
  done
}

routes() {
  local file=$root/dashboards/alertmanager/alertmanager.yml
  amtool check-config "$file" >"$work/routes" 2>&1 || { cat "$work/routes"; die "alertmanager.yml does not load"; }
  goes_to page severity=critical alertname=MXHealthDomainUnreachable domain=example.com
  goes_to page severity=critical alertname=MXHealthEgressBlocked
  goes_to page severity=critical alertname=MXHealthTLSPolicyBroken policy=dane server=mx.example.com
  goes_to ticket severity=warning alertname=MXHealthServerDown server=mx.example.com
  goes_to ticket severity=warning alertname=MXHealthIdentityBroken policy=ptr address=192.0.2.1
  goes_to ticket severity=critical alertname=SomebodyElses
  goes_to nobody severity=info alertname=MXHealthAddressDown
  goes_to watchdog severity=none alertname=MXHealthWatchdog
}

goes_to() {
  local receiver=$1 found
  shift
  found=$(amtool config routes test --config.file="$root/dashboards/alertmanager/alertmanager.yml" "$@" 2>/dev/null)
  [ "$found" = "$receiver" ] || die "$* goes to $found and not to $receiver"
}

together() {
  python3 -c 'import yaml' 2>/dev/null || skip "no python3-yaml, so rules are not compared; deploy/packages.sh test"
  trap stop_all EXIT
  scrape >"$work/scrape"
  check "$root/dashboards" || die "complaints about dashboards/prometheus, see above"
  finds "no test lets it fire" tests '/exp_annotations:/,/dashboard_url:/d'
  finds "no test sees it silent" tests 's/exp_alerts: \[\]/exp_alerts: [{exp_labels: {a: b}}]/'
  finds "no test lets it survive" tests '/ values: /s/stale\|_x[0-9]*\|_/1/g'
  finds "which nobody serves" rules 's/mxhealth_starttls_advertised/mxhealth_starttls_offered/'
  finds "is a label" rules 's/^          severity: warning/&\n          cause: "{{ $labels.cause }}"/'
  finds "runbook_url is" rules '/runbook_url:/s/MXHealthT/MXHealthP/'
  finds "dashboard_url is" rules 's|/d/mxhealth-domain|/d/mxhealth-domains|'
  finds "no runbook" rules 's/MXHealthThrottled/MXHealthSlowedDown/'
  finds "no alert of that name" rules 's/MXHealthThrottled/MXHealthSlowedDown/'
  finds "no description" rules '/description:/,/runbook_url/d'
}

check() { python3 "$root/tests/dashboards/check_rules.py" "$1" "$root/exporter/metrics" "$work/scrape"; }

# finds COMPLAINT DIRECTORY SED: a copy that is broken so is complained about.
finds() {
  local broken=$work/broken
  rm -rf "$broken"
  mkdir -p "$broken"
  cp -r "$prometheus" "$root/dashboards/runbooks" "$broken/"
  sed -i "$3" "$broken/prometheus/$2"/*.yml
  ! check "$broken" >"$work/complaints" || die "check_rules.py is content after sed '$3'"
  grep -q "$1" "$work/complaints" || die "check_rules.py does not say '$1' after sed '$3'"
}

scrape() {
  local place
  rm -f "$work/lab.ready"
  "$bin/mxhealth_lab" --config-out "$work/mxhealth.yml" --ready-file "$work/lab.ready" --interval 5s \
    "$root/tests/lab/scenarios/demo.yml" >"$work/lab.log" 2>&1 </dev/null &
  pids+=($!)
  await 20 "the lab did not start" test -e "$work/lab.ready"
  "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address 127.0.0.1:0 \
    >"$work/exporter.log" 2>&1 </dev/null &
  pids+=($!)
  await 20 "the exporter does not say where it listens" grep -q 'address=127.0.0.1:' "$work/exporter.log"
  place=$(grep -o -m 1 'address=127.0.0.1:[0-9]*' "$work/exporter.log")
  await $ready_seconds "the exporter was not ready" curl -fs --max-time 2 "http://${place#address=}/-/ready"
  curl -fsS --max-time 10 "http://${place#address=}/metrics"
}

# await SECONDS COMPLAINT COMMAND…
await() {
  local end=$((SECONDS + $1)) complaint=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { tail -n 5 "$work"/{lab,exporter}.log >&2; die "$complaint"; }
    sleep 0.1
  done
}

stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}

main
