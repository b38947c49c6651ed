#!/usr/bin/env bash
# What a real Alertmanager keeps silent, and what not, with the inhibition of dashboards/alertmanager/alertmanager.yml.
#
#   tests/dashboards/inhibit_test.sh SERVERS WORK    unpacked servers in SERVERS, what is written in WORK
#
# It runs in a network and mount namespace of its own. Exit 77, so that ctest says "skipped", where that cannot be had.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
servers=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
unpacked=$servers/prometheus-alertmanager/usr
readonly address=127.0.0.1:9093 seconds=30

die() { printf 'inhibit_test: %s\n' "$*" >&2; exit 1; }
skip() { printf '**** SKIPPED: inhibition is not tried: %s ****\n' "$*"; exit 77; }

# must, or never: be silenced by others of the list
alerts() {
  cat <<'LIST'
never alertname=MXHealthDomainUnreachable severity=critical job=mx domain=a role=mx
must  alertname=MXHealthDomainDeferring severity=critical job=mx domain=a role=mx
must  alertname=MXHealthDomainAtRisk severity=warning job=mx domain=a role=mx
must  alertname=MXHealthErrorBudgetBurn severity=critical window=1h job=mx domain=a role=mx
must  alertname=MXHealthMXVanished severity=critical job=mx domain=a
never alertname=MXHealthErrorBudgetBurn severity=critical window=1h job=mx domain=a role=submission
must  alertname=MXHealthErrorBudgetBurn severity=warning window=3d job=mx domain=a role=submission
never alertname=MXHealthDomainDeferring severity=critical job=mx domain=b role=mx
never alertname=MXHealthDomainDeferring severity=critical job=other domain=a role=mx
never alertname=MXHealthMXMismatch severity=critical job=mx domain=c
must  alertname=MXHealthMXChanged severity=info job=mx domain=c
never alertname=MXHealthMXChanged severity=info job=mx domain=d
never alertname=MXHealthEgressBlocked severity=critical job=mx
must  alertname=MXHealthEgressBlocked severity=warning job=mx instance=p1 port=25 family=ipv4
never alertname=MXHealthEgressBlocked severity=warning job=other instance=p9 port=25 family=ipv4
must  alertname=MXHealthThrottled severity=warning job=mx instance=p1 server=s port=25
never alertname=MXHealthThrottled severity=warning job=mx instance=p2 server=s port=25
never alertname=MXHealthCertExpiring severity=critical job=mx server=s port=25
must  alertname=MXHealthCertExpiring severity=warning job=mx server=s port=25
never alertname=MXHealthCertExpiring severity=warning job=mx server=t port=25
never alertname=MXHealthTLSPolicyBroken severity=critical policy=mta_sts job=mx domain=e
must  alertname=MXHealthPolicyChanged severity=info policy=mta_sts job=mx domain=e
never alertname=MXHealthPolicyChanged severity=info policy=spf job=mx domain=e
must  alertname=MXHealthPolicyHostCertExpiring severity=warning job=mx domain=e
never alertname=MXHealthPolicyHostCertExpiring severity=warning job=mx domain=f
never alertname=MXHealthTLSPolicyBroken severity=critical policy=mta_sts job=mx server=u port=25
never alertname=MXHealthIdentityBroken severity=warning policy=ptr job=mx address=192.0.2.1
never alertname=MXHealthStartTLSLost severity=critical job=mx server=s port=25
must  alertname=MXHealthStartTLSLost severity=warning job=mx server=s port=25
never alertname=MXHealthStartTLSLost severity=warning job=mx server=t port=25
never alertname=MXHealthExporterDown severity=critical
must  alertname=MXHealthExporterDown severity=warning job=mx instance=p3
never alertname=MXHealthDNSBLListed severity=critical job=mx subject=192.0.2.1
never alertname=MXHealthServerDown severity=warning job=mx server=s port=25
never alertname=MXHealthWatchdog severity=none
LIST
}

main() {
  [ -x "$unpacked/bin/prometheus-alertmanager" ] || skip "no Alertmanager; deploy/packages.sh --unpack build/servers"
  if [ -z "${MXHEALTH_INHIBIT:-}" ]; then
    local how=(--net --mount --pid --fork --kill-child --mount-proc)
    [ "$(id -u)" = 0 ] || how+=(--user --map-root-user)
    unshare "${how[@]}" true 2>/dev/null || skip "no namespaces here"
    MXHEALTH_INHIBIT=1 exec unshare "${how[@]}" bash "$0" "$servers" "$work"
  fi
  ip link set lo up
  # Debian's Alertmanager looks for its templates in /usr/share, also when it was only unpacked.
  mount -t overlay overlay -o "lowerdir=$unpacked/share:/usr/share" /usr/share || skip "no overlay here"
  start
  send
  compare
}

start() {
  rm -rf "$work/data"
  sed 's/group_wait: 30s/group_wait: 1s/' "$root/dashboards/alertmanager/alertmanager.yml" >"$work/alertmanager.yml"
  "$unpacked/bin/prometheus-alertmanager" --config.file="$work/alertmanager.yml" --storage.path="$work/data" \
    --web.listen-address=$address --cluster.listen-address= >"$work/log" 2>&1 &
  local end=$((SECONDS + seconds))
  until curl -fs "http://$address/-/ready" >/dev/null; do
    [ $SECONDS -lt $end ] || { tail -n 5 "$work/log" >&2; die "Alertmanager does not start"; }
    sleep 0.1
  done
}

send() {
  local labels
  while read -r _ labels; do
    # shellcheck disable=SC2086
    "$unpacked/bin/amtool" alert add --alertmanager.url="http://$address" $labels
  done < <(alerts)
}

# One is marked when its group is about to be told, so this waits until all are as they must be.
compare() {
  local end=$((SECONDS + seconds))
  alerts | sed 's/  */ /g' | sort >"$work/expected"
  until standing >"$work/found" && cmp -s "$work/expected" "$work/found"; do
    [ $SECONDS -lt $end ] || { diff "$work/expected" "$work/found"; die "others are silent than must be (above)"; }
    sleep 0.2
  done
}

standing() {
  curl -fs "http://$address/api/v2/alerts" | python3 -c '
import json, sys
order = ["alertname", "severity", "window", "policy", "job", "domain", "role", "instance", "server", "port", "family", "subject", "address"]
for alert in json.load(sys.stdin):
    labels = " ".join(name + "=" + alert["labels"][name] for name in order if name in alert["labels"])
    print("must" if alert["status"]["inhibitedBy"] else "never", labels)' | sort
}

main
