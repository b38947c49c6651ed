#!/usr/bin/env bash
# From a fault to a page, by the fire drill: three exporters as three vantages, real Prometheus and Alertmanager with the
# rules and routes that are shipped, twenty faults at once. Each brings its page with its cause in the text, no other page
# comes, and each ends. What one vantage of three sees pages nobody, what two see does. Our own port 25 blocked: one page.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

main() {
  only_sooner
  exec bash "$root/deploy/drill.sh" --at-once --vantages 3
}

# What the drill tries are the shipped rules: every wait and window is a tenth as long, and nothing else differs.
only_sooner() {
  local rules expected
  rules=$'  for: 3m\n  keep_firing_for: 1h30m\n  group_wait: 0s\n  window: 1h\n  expr: a:ratio3m[5m] offset 1d > 2 * 86400'
  expected=$'  for: 18000ms\n  keep_firing_for: 540000ms\n  group_wait: 0s\n  window: 1h\n  expr: a:ratio3m[30000ms] offset 8640000ms > 2 * 86400'
  if [ "$(python3 -B "$root/deploy/drill/speed_up.py" 10 <(printf '%s\n' "$rules"))" = "$expected" ]; then
    printf 'ok   the same rules, only sooner\n'
  else
    printf 'FAIL speed_up.py\n'
    exit 1
  fi
}

main
