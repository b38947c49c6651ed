# The ground the real-server tests stand on: namespaces of their own, a working directory, start and stop, checks.
# Sourced by *_test.sh. A test that sources this runs again as process 1 of new network, mount and process namespaces:
# whatever it starts dies with it, its accounts and addresses exist nowhere else, and nothing can leave.
# Exit 0 all checks held, 1 some did not, 77 this machine cannot run it (no root, no namespaces, servers not unpacked).
#
# Given by ctest: MXHEALTH_BIN_DIR (the programs), MXHEALTH_SERVERS (deploy/packages.sh --unpack).
# MXHEALTH_KEEP=1 keeps the logs.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${MXHEALTH_BIN_DIR:-$root/build/dev/bin}
servers=${MXHEALTH_SERVERS:-$root/build/servers}
declare -A pid_of=()
failures=0

skip() { printf 'SKIPPED: %s\n' "$*"; exit 77; }
die() { printf 'FAIL %s\n' "$*"; exit 1; }

# First thing of every test: enter_world "$@"
enter_world() {
  [ -n "${MXHEALTH_WORLD:-}" ] && { make_world; return; }
  [ "$(id -u)" = 0 ] || skip "real servers on ports 25, 53, 465 and 587 need root"
  unshare --net --mount --pid --fork true 2>/dev/null || skip "no network, mount and process namespaces here"
  [ -d "$servers/postfix" ] || skip "no servers in $servers; deploy/packages.sh --unpack brings them"
  [ -x "$bin/mxhealth_exporter" ] || die "no mxhealth_exporter in $bin"
  MXHEALTH_WORLD=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
}

make_world() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_real.XXXXXX")
  chmod 755 "$work" # the servers drop their rights and must still find their files
  trap leave_world EXIT
  private_network
  private_accounts
}

# Two ends of a cable, for the kernel to have a route to the world: without one the exporter leaves a family out.
private_network() {
  ip link set lo up
  ip link add mx0 type veth peer name mx1 || die "no veth device"
  ip link set mx0 up
  ip link set mx1 up
  local host
  for host in 1 10 20 30 53; do
    ip addr add "192.0.2.$host/24" dev mx0
    ip -6 addr add "2001:db8::$host/64" dev mx0 nodad
  done
  ip route add default via 192.0.2.254 dev mx0
  ip -6 route add default via 2001:db8::254 dev mx0
  sysctl -q net.ipv4.ip_unprivileged_port_start=0 # Debian's Exim gives up root before it binds
}

# Postfix, Exim, Dovecot and rbldnsd insist on accounts by name; these exist in this mount namespace only.
private_accounts() {
  local id=64000 name
  cp /etc/passwd /etc/group "$work"
  for name in postfix postdrop Debian-exim dovecot dovenull rbldns; do
    id=$((id + 1))
    sed -i "/^$name:/d" "$work/passwd" "$work/group"
    printf '%s:x:%s:%s::/nonexistent:/usr/sbin/nologin\n' $name $id $id >>"$work/passwd"
    printf '%s:x:%s:\n' $name $id >>"$work/group"
  done
  mount --bind "$work/passwd" /etc/passwd && mount --bind "$work/group" /etc/group || die "no private accounts"
}

leave_world() {
  local status=$?
  trap - EXIT
  stop_all
  if [ $status -ne 0 ] || [ $failures -gt 0 ]; then
    show_logs
    [ $status -ne 0 ] || status=1
  fi
  umount /etc/passwd /etc/group 2>/dev/null
  if [ -n "${MXHEALTH_KEEP:-}" ]; then printf 'kept: %s\n' "$work"; else rm -rf "$work"; fi
  exit $status
}

show_logs() {
  local log
  for log in "$work"/*.log; do
    [ -s "$log" ] && printf '\n--- %s\n' "${log##*/}" && tail -n 40 "$log"
  done
}

# start NAME COMMAND…: in the background, output in $work/NAME.log
start() {
  local name=$1
  shift
  "$@" >>"$work/$name.log" 2>&1 </dev/null &
  pid_of[$name]=$!
}

# stop NAME: SIGTERM, its exit status in $stopped_with and the milliseconds it took in $stopped_after; one that does not
# end in 60 s is killed and reads 137
stop() {
  local name=$1 pid end=$((SECONDS + 60)) from=${EPOCHREALTIME/./}
  pid=${pid_of[$name]:-}
  [ -n "$pid" ] || return 0
  kill -TERM "$pid" 2>/dev/null
  while kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $end ]; do sleep 0.05; done
  kill -KILL "$pid" 2>/dev/null
  wait "$pid"
  stopped_with=$?
  stopped_after=$(((${EPOCHREALTIME/./} - from) / 1000))
  unset "pid_of[$name]"
}

stop_all() {
  local name
  [ -z "${pid_of[exporter]:-}" ] || stop exporter # first, or the servers' end would be the last thing it sees
  for name in "${!pid_of[@]}"; do stop "$name"; done
}

# await_port NAME HOST PORT: asks the kernel, for a connection would stand in the server's log as one that was lost
await_port() {
  local name=$1 end=$((SECONDS + 20))
  until [ -n "$(ss -Hltn "src $2 and sport = :$3")" ]; do
    kill -0 "${pid_of[$name]}" 2>/dev/null || die "$name ended before it listened on $2 port $3"
    [ $SECONDS -lt $end ] || die "$name does not listen on $2 port $3"
    sleep 0.1
  done
}

# await_udp NAME HOST PORT: likewise, where there is nothing to connect to
await_udp() {
  local name=$1 end=$((SECONDS + 20))
  until [ -n "$(ss -Hlun "src $2 and sport = :$3")" ]; do
    kill -0 "${pid_of[$name]}" 2>/dev/null || die "$name ended before it listened on $2 port $3"
    [ $SECONDS -lt $end ] || die "$name does not listen on $2 port $3"
    sleep 0.1
  done
}

# check WHAT COMMAND…: one line for what was asked; what the command printed only if it failed
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok   %s\n' "$what"
  else
    printf 'FAIL %s\n' "$what"
    [ -z "$output" ] || printf '%s\n' "$output" | tail -n 30 | sed 's/^/     /'
    failures=$((failures + 1))
    return 1
  fi
}

# within SECONDS WHAT COMMAND…: as check, but tried until it holds
within() {
  local limit=$1 what=$2 from=${EPOCHREALTIME/./} limit_us=$(($1 * 1000000)) now
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    now=${EPOCHREALTIME/./}
    [ $((now - from)) -lt $limit_us ] || { check "$what (within $limit s)" "$@"; return; }
    sleep 0.2
  done
  now=${EPOCHREALTIME/./}
  now=$(((now - from) / 100000)) # tenths of a second
  printf 'ok   %s (after %d.%d s, at most %s)\n' "$what" $((now / 10)) $((now % 10)) "$limit"
}

# Nothing equals nothing only by accident.
equal() { [ -n "$1" ] && [ "$1" = "$2" ] || { printf 'found    %s\nexpected %s\n' "$1" "$2"; return 1; }; }

finish() {
  [ $failures -eq 0 ] || printf '\n%d checks failed\n' $failures
  exit $((failures > 0))
}
