#!/usr/bin/env bash
# The committed dashboards are what the generator writes, keep the house rules and Grafana's types, and ask only for
# metrics and labels that exist: in a scrape of the exporter before a small world, or in the exporter's own tables.
#
#   tests/dashboards/grafana_test.sh BIN WORK      programs in BIN; node modules and logs in WORK
#
# Exit 77, so that ctest says "skipped", where node or its modules cannot be had. What is written stays below WORK.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
pids=()
readonly ready_seconds=75 # the exporter calls itself ready after 45 s at the latest

die() { printf 'grafana_test: %s\n' "$*" >&2; exit 1; }
skip() { printf '**** SKIPPED: dashboards are not checked: %s ****\n' "$*"; exit 77; }

main() {
  mkdir -p "$work/generator"
  exec 9>"$work/lock" && flock 9
  trap stop_all EXIT
  node_is_there
  modules
  generator_writes_what_is_committed
  (cd "$work/generator" && EXPORTER_METRICS=$root/exporter/metrics node --test build/check_test.js) >"$work/rules.log" ||
    { cat "$work/rules.log"; die "the checks do not find what they are for"; }
  scrape >"$work/scrape"
  node "$work/generator/build/check.js" "$root/dashboards/grafana" "$root/exporter/metrics" "$work/scrape" \
    "$root/dashboards/prometheus/rules" "$work/expressions.yml" || die "complaints about dashboards/grafana, see above"
  promql_parses
}

node_is_there() {
  command -v node >/dev/null && command -v npm >/dev/null || skip "no node and npm; deploy/packages.sh --list dashboards"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || skip "node $(node --version) is older than 18"
}

# Installed anew when the lock file changes; the source tree stays as it is.
modules() {
  local source=$root/dashboards/generator
  rm -rf "$work/generator/src" "$work/generator/build"
  cp -r "$source/src" "$source"/{package.json,package-lock.json,tsconfig.json,.npmrc} "$work/generator/"
  cmp -s "$source/package-lock.json" "$work/installed.json" && return 0
  (cd "$work/generator" && npm ci --fetch-retries 1 --fetch-timeout 60000) >"$work/npm.log" 2>&1 9>&- ||
    skip "npm ci failed: $(grep -m 1 'npm ERR!\|npm error' "$work/npm.log")"
  cp "$source/package-lock.json" "$work/installed.json"
}

generator_writes_what_is_committed() {
  rm -rf "$work/grafana"
  (cd "$work/generator" && node node_modules/typescript/bin/tsc && node build/main.js "$work/grafana") ||
    die "the generator does not compile or run"
  diff -ru --exclude=provisioning "$root/dashboards/grafana" "$work/grafana" >"$work/difference" || {
    head -n 40 "$work/difference"
    die "dashboards/grafana is not what the generator writes: npm run generate in dashboards/generator"
  }
}

scrape() {
  local place=
  rm -f "$work/lab.ready" "$work"/{lab,exporter}.log # of the run before
  "$bin/mxhealth_lab" --config-out "$work/mxhealth.yml" --ready-file "$work/lab.ready" --interval 5s \
    "$root/tests/lab/scenarios/demo.yml" >"$work/lab.log" 2>&1 </dev/null 9>&- &
  pids+=($!)
  await 20 "the lab did not start" test -e "$work/lab.ready"
  "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address 127.0.0.1:0 \
    >"$work/exporter.log" 2>&1 </dev/null 9>&- &
  pids+=($!)
  await 20 "the exporter does not say where it listens" grep -q 'address=127.0.0.1:' "$work/exporter.log"
  place=$(grep -o -m 1 'address=127.0.0.1:[0-9]*' "$work/exporter.log")
  await $ready_seconds "the exporter was not ready" curl -fs --max-time 2 "http://${place#address=}/-/ready"
  curl -fsS --max-time 10 "http://${place#address=}/metrics"
}

promql_parses() {
  if ! command -v promtool >/dev/null; then
    printf '**** SKIPPED: no promtool to parse the PromQL of the dashboards ****\n'
    return
  fi
  promtool check rules "$work/expressions.yml" >"$work/promtool.log" 2>&1 || { cat "$work/promtool.log"; die "bad PromQL"; }
}

# await SECONDS COMPLAINT COMMAND…
await() {
  local end=$((SECONDS + $1)) complaint=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { tail -n 5 "$work"/*.log >&2; die "$complaint"; }
    sleep 0.1
  done
}

stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}

main
