#!/usr/bin/env bash
# A fire drill: breaks mail in two dozen ways, and shows which page arrived, after how long, and what it said.
#
#   deploy/drill.sh [FAULT…]    one fault after the other; without a name all of them (deploy/drill/faults.py)
#
#   --at-once       all at the same time, on domains of their own
#   --vantages 3    three exporters as three vantages; default 1
#   --speed N       how much faster than life waits and windows of the rules pass (default 15: a minute takes 4 s)
#   --list          the faults
#   --help          this text
#
# Exporters, Prometheus and Alertmanager are real, and so are the rules and routes of dashboards/; the mail servers are those
# of mxhealth_lab. It all lives in a network namespace: nothing leaves, no port of this machine is taken.
# Exit 0: every page came, said the right cause and ended, and no other came. 1: not so. 2: wrong use. 77: cannot run here.
# MXHEALTH_BIN_DIR: the programs (default build/dev/bin, else build/release/bin); MXHEALTH_SERVERS: where
# deploy/packages.sh --unpack put Prometheus and Alertmanager, unless they are installed. MXHEALTH_KEEP=1 keeps the logs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)

main() {
  case ${1:-} in
    -h | --help) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --list) python3 -c "import sys; sys.path.insert(0, '$here/drill'); import faults
for one in [*faults.FAULTS, faults.EGRESS]: print(f'{one.name:12} {one.about}: {one.page}')"; exit 0 ;;
  esac
  if [ -z "${MXHEALTH_DRILL:-}" ]; then enter_namespace "$@"; fi
  private_network
  templates
  work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_drill.XXXXXX")
  trap clean_up EXIT
  PYTHONDONTWRITEBYTECODE=1 python3 "$here/drill/drill.py" --work "$work" --lab "$(program mxhealth_lab)" \
    --exporter "$(program mxhealth_exporter)" --prometheus "$(server prometheus)" \
    --alertmanager "$(server prometheus-alertmanager)" "$@"
}

# Root of it is enough; a user becomes that where the kernel lets him. What is started there dies with it.
enter_namespace() {
  local how=(--net --mount --pid --fork --kill-child --mount-proc)
  [ "$(id -u)" = 0 ] || how+=(--user --map-root-user)
  unshare "${how[@]}" true 2>/dev/null || skip "no network namespaces here (or, without root, none for users)"
  command -v nft >/dev/null || skip "nft is missing: deploy/packages.sh test"
  program mxhealth_lab >/dev/null
  program mxhealth_exporter >/dev/null
  server prometheus >/dev/null
  server prometheus-alertmanager >/dev/null
  MXHEALTH_DRILL=1 exec unshare "${how[@]}" bash "$0" "$@"
}

# A route to nowhere: without one the exporter takes it that this host has no network.
private_network() {
  ip link set lo up
  ip link add drill0 type veth peer name drill1
  ip link set drill0 up
  ip link set drill1 up
  ip addr add 192.0.2.1/24 dev drill0
  ip route add default via 192.0.2.254 dev drill0
}

# Debian's Alertmanager looks for its templates in /usr/share, also when it was only unpacked: there they are, for this drill.
templates() {
  local unpacked=${MXHEALTH_SERVERS:-$root/build/servers}/prometheus-alertmanager/usr/share
  [ ! -e /usr/share/prometheus/alertmanager/default.tmpl ] || return 0
  mount -t overlay overlay -o "lowerdir=$unpacked:/usr/share" /usr/share ||
    skip "no overlay here, so install prometheus-alertmanager or run this as root"
}

skip() { printf 'SKIPPED: %s\n' "$*"; exit 77; }

program() {
  local directory
  for directory in ${MXHEALTH_BIN_DIR:-"$root/build/dev/bin" "$root/build/release/bin"}; do
    [ ! -x "$directory/$1" ] || { printf '%s\n' "$directory/$1"; return; }
  done
  skip "no $1; build it first" >&2
}

server() {
  local unpacked=${MXHEALTH_SERVERS:-$root/build/servers}/$1/usr/bin/$1
  [ ! -x "$unpacked" ] || { printf '%s\n' "$unpacked"; return; }
  command -v "$1" || skip "no $1; deploy/packages.sh --unpack build/servers brings it" >&2
}

clean_up() {
  local status=$?
  if [ -n "${MXHEALTH_KEEP:-}" ]; then printf 'kept: %s\n' "$work"; else rm -rf "$work"; fi
  exit $status
}

main "$@"
