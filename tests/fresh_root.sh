#!/usr/bin/env bash
# Tries the last commit as a new user would: on a Debian 12 that has nothing yet, in a root directory of its own.
#
#   tests/fresh_root.sh [--all] [--keep] [DIRECTORY]
#
#   deploy/quickstart.sh --once, then tests/run.sh --quick; with --all tests/run.sh. Times are printed.
#   --keep leaves the root where it is (default: a new directory below /var/tmp, removed at the end).
#
# Needs root and a package source; takes as long as everything it runs from nothing. No part of tests/run.sh.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tests=--quick
keep=no
directory=

die() { printf 'fresh_root: %s\n' "$*" >&2; exit 1; }

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --all) tests= ;;
      --keep) keep=yes ;;
      -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
      -*) printf 'fresh_root: unknown option %s; see --help\n' "$1" >&2; exit 2 ;;
      *) directory=$1 ;;
    esac
    shift
  done
  [ "$(id -u)" = 0 ] || die "a root directory is made by root only"
  bash "$root/deploy/packages.sh" fresh
  [ -n "$directory" ] || directory=$(mktemp -d /var/tmp/mxhealth_root.XXXXXX)
  [ $keep = yes ] || trap 'rm -rf --one-file-system "$directory"' EXIT
  make_root
  timed "quick start" inside deploy/quickstart.sh --once
  timed "tests" inside tests/run.sh $tests
}

# With the package sources of this machine.
make_root() {
  local sources=()
  [ ! -f /etc/apt/sources.list.d/debian.sources ] || sources=(/etc/apt/sources.list.d/debian.sources)
  mmdebstrap --quiet --variant=apt --include=ca-certificates,git bookworm "$directory" "${sources[@]}" ||
    die "mmdebstrap could not make a Debian in $directory"
  rm -f "$directory/etc/resolv.conf"
  cp -L /etc/resolv.conf "$directory/etc/resolv.conf"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$directory/etc/hosts" # as Debian's installer does
  git clone --quiet --no-local "$root" "$directory/root/mxhealth_exporter"
}

# Own mounts and processes: whatever is started inside ends with it. The root is a mount point, since the real-server
# tests make namespaces of their own, which the kernel refuses below a mere directory.
inside() {
  unshare --mount --pid --fork --kill-child bash -euc '
    mount --bind "$1" "$1"
    mount -t proc proc "$1/proc"
    mount --rbind /sys "$1/sys"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/dev/shm"
    cd "$1"
    exec chroot . env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      bash -c "cd /root/mxhealth_exporter && exec \"\$@\"" inside "${@:2}"
  ' inside "$directory" "$@" </dev/null
}

timed() {
  local what=$1 from=$SECONDS
  shift
  "$@" || die "$what failed"
  printf '\n== %s: %d min %02d s\n' "$what" $(((SECONDS - from) / 60)) $(((SECONDS - from) % 60))
}

main "$@"
