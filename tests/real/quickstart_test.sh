#!/usr/bin/env bash
# deploy/quickstart.sh as a new user runs it, without the build: the demo's table, a scrape, and nothing left behind.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
output=$(mktemp)
pid=
trap 'rm -f "$output"; [ -z "$pid" ] || kill "$pid" 2>/dev/null' EXIT

fail() { printf 'FAIL %s\n' "$*"; cat "$output"; exit 1; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

"$root/deploy/quickstart.sh" --once --port "$(free_port)" >"$output" 2>&1 || fail "--once ended with status $?"
grep -q '^DOMAIN  *ROLE  *VERDICT  *CAUSE  *SIDE$' "$output" || fail "no table"
grep -qE ' mx +ok ' "$output" || fail "no healthy domain in the demo"
grep -qE ' mx +unreachable +connect_refused ' "$output" || fail "no refused domain in the demo"

port=$(free_port)
"$root/deploy/quickstart.sh" --port "$port" >"$output" 2>&1 &
pid=$!
for _ in $(seq 900); do
  grep -q 'Ctrl-C stops it' "$output" && break
  kill -0 $pid 2>/dev/null || fail "it ended by itself"
  sleep 0.1
done
curl -fsS "http://127.0.0.1:$port/metrics" | grep '^mxhealth_domain_verdict{' >/dev/null || fail "no metrics at the port it named"
for _ in $(seq 300); do # a listing counts after a second check
  listed=$(curl -fsS "http://127.0.0.1:$port/metrics" | grep -c '^mxhealth_dnsbl_listed{subject="192.0.2.1[01]"')
  [ "$listed" = 2 ] && break
  sleep 0.1
done
curl -fsS "http://127.0.0.1:$port/metrics" | grep -xF 'mxhealth_dnsbl_listed{subject="192.0.2.10",list="inhouse"} 1' >/dev/null ||
  fail "no listed address in the demo"
curl -fsS "http://127.0.0.1:$port/metrics" | grep -xF 'mxhealth_dnsbl_listed{subject="192.0.2.11",list="inhouse"} 0' >/dev/null ||
  fail "no clean address in the demo"
"$root/deploy/quickstart.sh" --once --port "$port" >/dev/null 2>&1 && fail "a second one on the same port did not complain"
kill -TERM $pid
wait $pid || fail "stopped, it ended with status $?"
pid=
curl -s -o /dev/null "http://127.0.0.1:$port/" && fail "the exporter is still there"
"$root/deploy/quickstart.sh" --no-such-option >/dev/null 2>&1
[ $? = 2 ] || fail "a wrong option: status is not 2"
printf 'ok\n'
