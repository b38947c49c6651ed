#!/usr/bin/env bash
# From a fresh clone to metrics in one command: installs what the build needs, builds, starts the exporter, shows its view.
#
#   deploy/quickstart.sh                 a demo: a small world of healthy and broken mail hosts on this machine
#   deploy/quickstart.sh DOMAIN…         probes the mail hosts of these domains
#
#   --port N    where the exporter listens on 127.0.0.1 (default 25587)
#   --once      print the table, stop everything and leave
#   --help      this text
#
# It stays in the foreground; Ctrl-C stops what it started. Nothing is installed but Debian packages (deploy/packages.sh).
# MXHEALTH_BIN_DIR=DIR uses the programs in DIR and builds nothing.
# It does not daemonise and is no way to run the exporter for good.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
port=25587
once=no
domains=()
pids=()
readonly ready_seconds=75 # the exporter calls itself ready after 45 s at the latest
readonly stop_seconds=60  # longer than a drain lasts

say() { printf '%s\n' "$*"; }
die() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

main() {
  read_arguments "$@"
  port_is_free || die "something already listens on port $port of this machine; --port N takes another"
  work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth.XXXXXX")
  trap stop_all EXIT
  trap 'exit 0' INT TERM
  programs
  if [ ${#domains[@]} -gt 0 ]; then write_config; else start_lab; fi
  start_exporter
  wait_until_ready
  show_table
  [ $once = yes ] || stay
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --port) [[ ${2:-} =~ ^[0-9]{1,5}$ ]] || usage_error "--port needs a number"; port=$2; shift ;;
      --once) once=yes ;;
      -h | --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
      -*) usage_error "unknown option $1" ;;
      *) [[ $1 =~ ^[^[:space:]\"\'\\]+$ ]] || usage_error "'$1' is not a domain name"; domains+=("$1") ;;
    esac
    shift
  done
}

usage_error() { printf 'quickstart: %s; see deploy/quickstart.sh --help\n' "$1" >&2; exit 2; }

# Asked before anything starts: else the answers of a stranger on that port would pass for ours.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

programs() {
  bin=${MXHEALTH_BIN_DIR:-}
  [ -z "$bin" ] || return 0
  bash "$root/deploy/packages.sh" build
  say "Building (the first time takes some minutes; log: $work/build.log)"
  local targets=(mxhealth_exporter mxhealthctl)
  [ ${#domains[@]} -gt 0 ] || targets+=(mxhealth_lab)
  if ! (cd "$root" && cmake --preset release && cmake --build --preset release -j "$(nproc)" --target "${targets[@]}") \
    >"$work/build.log" 2>&1 </dev/null; then
    tail -n 25 "$work/build.log" >&2
    die "the build failed; all of its output: $work/build.log"
  fi
  bin=$root/build/release/bin
}

# YAML in single quotes takes any name; the exporter itself says what is wrong with one.
write_config() {
  local domain name
  {
    name=$(hostname -f 2>/dev/null) || name=$(hostname)
    [[ $name == *.* ]] || greet_as "${name:-probe}.localdomain"
    printf 'targets:\n'
    for domain in "${domains[@]}"; do printf "  - domain: '%s'\n" "$domain"; done
  } >"$work/mxhealth.yml"
}

# Mail servers want a full name in EHLO; a machine that has none gets Debian's stand-in.
greet_as() {
  printf 'global:\n  ehlo_name: %s\n' "$1"
  say "This machine has no full name, so mail servers are greeted as $1; some refuse that." >&2
}

start_lab() {
  local scenario=$root/tests/lab/scenarios/demo.yml
  [ -f "$scenario" ] || die "$scenario is missing"
  start lab "$bin/mxhealth_lab" --config-out "$work/mxhealth.yml" --ready-file "$work/lab.ready" --interval 5s \
    "$scenario"
  await 20 "the demo world did not start" lab test -e "$work/lab.ready"
}

start_exporter() {
  start exporter "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address "127.0.0.1:$port"
}

# start NAME COMMAND…: in the background, output in $work/NAME.log
start() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  pids+=($!)
  declare -g "pid_$name=$!"
}

# await SECONDS COMPLAINT NAME COMMAND…: until the command succeeds; gives up at once when the program NAME has ended
await() {
  local seconds=$1 complaint=$2 name=$3 pid="pid_$3" end=$((SECONDS + $1))
  shift 3
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "${!pid}" 2>/dev/null; then
      tail -n 10 "$work/$name.log" >&2
      die "$complaint: the $name ended; its last lines are above"
    fi
    if [ $SECONDS -ge $end ]; then
      tail -n 10 "$work/$name.log" >&2
      die "$complaint within $seconds s; its last lines are above"
    fi
    sleep 0.2
  done
}

wait_until_ready() {
  say "Waiting for the first results (at most $ready_seconds s)"
  await $ready_seconds "the exporter was not ready" exporter curl -fs --max-time 2 "http://127.0.0.1:$port/-/ready"
}

# One line per domain and role, from the metrics alone: what anybody else would see.
show_table() {
  say
  curl -fsS --max-time 10 "http://127.0.0.1:$port/metrics" | verdicts | sort |
    awk -F '\t' 'BEGIN {print_row("DOMAIN", "ROLE", "VERDICT", "CAUSE", "SIDE")}
      function print_row(a, b, c, d, e) {printf "%-34s %-11s %-13s %-21s %s\n", a, b, c, d, e}
      {print_row($1, $2, $3, $4, $5)}'
}

verdicts() {
  awk '
    function label(name,   at) {
      at = match($0, "[{,]" name "=\"[^\"]*\"")
      return at ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
    }
    {key = label("domain") "\t" label("role")}
    /^mxhealth_domain_verdict\{/ && $NF == 1 {verdict[key] = label("verdict")}
    /^mxhealth_domain_cause_info\{/ && $NF == 1 {cause[key] = label("cause"); side[key] = label("side")}
    function or_dash(text) {return text == "" ? "-" : text}
    END {for (key in verdict) print key "\t" verdict[key] "\t" or_dash(cause[key]) "\t" or_dash(side[key])}'
}

stay() {
  cat <<TEXT

Metrics       http://127.0.0.1:$port/metrics
Start page    http://127.0.0.1:$port/
Configuration $work/mxhealth.yml
Logs          $work/exporter.log$([ ${#domains[@]} -gt 0 ] || printf ', %s' "$work/lab.log")

Ctrl-C stops it.
TEXT
  wait -n "${pids[@]}" || true
  tail -n 10 "$work"/*.log >&2
  die "a program ended by itself; the last lines of the logs are above"
}

# By pid, politely, and only what was started here. The logs stay when something went wrong.
stop_all() {
  local status=$? pid end=$((SECONDS + stop_seconds))
  trap '' INT TERM
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    while kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $end ]; do sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  done
  [ ${#pids[@]} -eq 0 ] || say "Stopped."
  [ $status -ne 0 ] || rm -rf "$work"
}

main "$@"
