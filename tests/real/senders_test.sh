#!/usr/bin/env bash
# What real senders do against what the exporter says they would: Postfix's smtp client and Exim, each with opportunistic,
# required and verified TLS, get one message for every domain of the lab (sender_worlds.py), and the exporter watches the
# same hosts. mxhealth_domain_delivery_info must have both senders' outcome and Postfix's status, for each of them.
#
# MXHEALTH_SEED=N plays the random sets of another run again, MXHEALTH_RANDOM_SETS=N so many of them.
source "$(dirname "$0")/lib.sh"
source "$here/mail.sh"
source "$here/senders.sh"
source "$here/exporter.sh"
enter_world "$@"

readonly seed=${MXHEALTH_SEED:-$((RANDOM * 32768 + RANDOM))}

main() {
  printf 'seed %s\n' "$seed"
  mkdir "$work/worlds"
  python3 "$here/sender_worlds.py" "$work/worlds" "$seed" "${MXHEALTH_RANDOM_SETS:-3}" >"$work/sets" || die "no worlds"
  grep '^random' "$work/sets"
  start_lab "$work/worlds"
  domains_of_the_lab
  start_senders
  start_exporter
  check "every message is taken" send_all
  within 60 "every sender has tried" all_ended
  agreement
  stop exporter
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  finish
}

domains_of_the_lab() {
  ls "$work/worlds" | sed 's/\.yml$/.lab.test/' | awk '{print "may." $0; print "encrypt." $0; print "verify." $0}' >"$work/domains"
}

# The exporter confirms what failed, so it may need a second look; what it says in the end is the table.
agreement() {
  local end=$((SECONDS + 40))
  until compare >"$work/table"; do [ $SECONDS -lt $end ] || break; done
  cat "$work/table"
  check "the exporter and the senders agree" test "$(sed -n 's/^\([0-9]*\) of \1 agree$/&/p' "$work/table")"
}

compare() { scrape && python3 "$here/senders.py" compare "$work/domains" "$work" "$work/scrape"; }

main
