#!/bin/bash
# `mxhealthctl lists`, the real program, against the lab's blocklists: the honest ones and each shape of a dead or lying
# one are called by what ails them, and the key of the keyed one is shown nowhere.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bin=${MXHEALTH_BIN_DIR:?}
key=hush5k3yofthelab # tests/lab/blocklist.hpp

work=$(mktemp -d)
lab=
trap '[[ -z $lab ]] || kill "$lab"; rm -rf "$work"' EXIT

fail() {
  echo "lists_test: $*" >&2
  exit 1
}

start_lab() {
  mkfifo "$work/ready"
  "$bin/mxhealth_lab" "$here/../lab/scenarios/blocklists.yml" --config-out "$work/mxhealth.yml" \
    --ready-file "$work/ready" >"$work/lab.log" &
  lab=$!
  timeout 20 head -1 "$work/ready" >/dev/null || fail "the lab does not start"
}

# lists CODE ARGUMENT…: runs it, and expects that exit code.
lists() {
  local expected=$1 code=0
  shift
  "$bin/mxhealthctl" lists --config.file="$work/mxhealth.yml" "$@" >"$work/out" 2>"$work/err" || code=$?
  [[ $code == "$expected" ]] || fail "lists $*: exit code $code, not $expected: $(cat "$work/out" "$work/err")"
  ! grep -q "$key" "$work/out" "$work/err" || fail "lists $*: shows the key"
}

# LIST STATE of all tests, in the scenario's order
expected='inhouse healthy
slow healthy
untestable healthy
keyed healthy
trusted healthy
wildcard lists_all
parked hijacked
rewritten hijacked
silent no_answer
failing no_answer
turned_away no_answer
malformed no_answer
spamhaus_refuses refused
uribl_refuses refused
refuses_unannounced lists_all
outside healthy
unknown_code healthy
empty lists_nothing
nodata no_answer
never_heard no_answer
flapping healthy
no_test_points lists_nothing
one_kind_dead healthy, lists_nothing'

start_lab
lists 1
found=$(awk '!/^ / && $1 != "LIST" { print $1 " " $0 }' "$work/out" |
  sed -E 's/^([^ ]+) [^ ]+ +((ipv4|ipv6|domain)(, )?)+ +[0-9.]+ +/\1 /; s/ \(an allow-list.*//')
diff <(sort <<<"$expected") <(sort <<<"$found") || fail "that is not what ails them"

lists 0 inhouse keyed trusted
lists 1 inhouse empty
lists 2 failing malformed
lists 3 inhuose
grep -q 'did you mean inhouse' "$work/err" || fail "no suggestion: $(cat "$work/err")"
lists 3 --jsno

lists 1 --json inhouse one_kind_dead
python3 - "$work/out" <<'PY'
import json, sys

lists = json.load(open(sys.argv[1]))
found = {(one["list"], test["kind"]): test["state"] for one in lists for test in one["tests"]}
expected = {("inhouse", kind): "healthy" for kind in ("ipv4", "ipv6", "domain")}
expected |= {("one_kind_dead", "ipv4"): "healthy", ("one_kind_dead", "ipv6"): "lists_nothing"}
assert found == expected, found
PY

echo "lists_test: ok"
