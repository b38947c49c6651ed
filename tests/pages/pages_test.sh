#!/usr/bin/env bash
# The status page of the real exporter before the lab's demo world and a hostile host, in a real browser; its JSON
# against its own schema. What cannot run says so: exit 77.
#
#   pages_test.sh BIN_DIR WORK_DIR
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${1:?directory of the programs}
work=${2:?directory to work in}
browser=${CHROMIUM:-$(command -v chromium || true)}
readonly ready_seconds=75 # the exporter calls itself ready after 45 s at the latest
started=()

die() { printf 'pages_test: %s\n' "$*" >&2; exit 1; }
skip() { printf '\n**** SKIPPED: pages: %s ****\n' "$*"; exit 77; }
end() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; }

main() {
  command -v node >/dev/null && command -v npm >/dev/null || skip "no node and npm; deploy/packages.sh --list pictures"
  [ -x "$browser" ] || skip "no Chromium; deploy/packages.sh pictures"
  mkdir -p "$work/tools"
  cp "$here"/{package.json,package-lock.json,.npmrc,look.mjs,validate.mjs} "$work/tools/"
  (cd "$work/tools" && npm ci --fetch-retries 1 --fetch-timeout 60000) >"$work/npm.log" 2>&1 || skip "npm ci failed"
  trap end EXIT
  start
  for page in status targets/silent.example targets/submission.example; do
    curl -fs --max-time 5 "http://$place/api/v1/$page" >"$work/$(basename "$page").json" || die "no /api/v1/$page"
  done
  curl -fs --max-time 5 "http://$place/api/v1/schema" >"$work/schema.json" || die "no schema"
  node "$work/tools/validate.mjs" "$work"/{schema,status,silent.example,submission.example}.json || die "not as the schema says"
  CHROMIUM=$browser node "$work/tools/look.mjs" "http://$place" "$work/pictures" refused.example || die "see above"
}

await() { # SECONDS WORDS COMMAND…
  local end=$((SECONDS + $1)) words=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || die "$words"
    sleep 0.2
  done
}

start() {
  rm -f "$work/lab.ready" "$work"/{lab,exporter}.log
  "$bin/mxhealth_lab" --config-out "$work/mxhealth.yml" --ready-file "$work/lab.ready" --interval 5s \
    "$here/../lab/scenarios/demo.yml" >"$work/lab.log" 2>&1 </dev/null &
  started+=($!)
  await 30 "the lab did not start" test -e "$work/lab.ready"
  "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address 127.0.0.1:0 \
    >"$work/exporter.log" 2>&1 </dev/null &
  started+=($!)
  await 30 "the exporter does not say where it listens" grep -q 'address=127.0.0.1:' "$work/exporter.log"
  place=$(grep -o -m 1 'address=127.0.0.1:[0-9]*' "$work/exporter.log")
  place=${place#address=}
  await $ready_seconds "the exporter was not ready" curl -fs --max-time 2 "http://$place/-/ready"
}

main
