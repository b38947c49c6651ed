#!/usr/bin/env bash
# The one place that names the Debian packages this project needs, and installs those that are missing.
#
#   deploy/packages.sh GROUP…           install what is missing of these groups: build test format real fresh package
#                                       deploy dashboards pictures
#   deploy/packages.sh --list GROUP…    only print the names
#   deploy/packages.sh --unpack DIR     unpack the real mail, DNS and Prometheus servers under DIR, install nothing
#
# It never removes a package, starts a service or leaves a file outside apt's own care: the servers of the real-server
# tests are only unpacked, because installing them would start daemons and replace the machine's own mail server.
# What can go wrong: no rights, no package source, another Boost in the way. Each ends in a line that says so, and exit 1.
set -euo pipefail

# cmake and the compiler, then one line for each kind of library: transport, DNS and names, metrics, text, tests
build=(cmake ninja-build g++ ccache pkg-config git ca-certificates curl
  libboost1.81-dev libssl-dev libcrypt-dev zlib1g-dev libsystemd-dev
  libc-ares-dev libidn2-dev libpsl-dev
  prometheus-cpp-dev
  libyaml-cpp-dev libcli11-dev libfmt-dev libspdlog-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
test=(python3 python3-yaml python3-prometheus-client openssl procps iproute2 nftables)
format=(clang-format-14)
# tools, then the shared libraries that the unpacked servers link and that no other group brings
real=(python3 python3-prometheus-client curl openssl procps iproute2 util-linux mount nftables bind9-dnsutils bind9-utils
  libgnutls-dane0 libidn12 libnsl2 libdb5.3 libicu72 libsasl2-2
  libevent-2.1-7 libprotobuf-c1 libfstrm0 libnghttp2-14 libpython3.11
  libsodium23 libunwind8 libcap2 libpam0g)
# a whole Debian to try it all in: tests/fresh_root.sh
fresh=(mmdebstrap)
# what cpack needs to make the Debian package
package=(dpkg-dev file)
# what tries that package, the image and the compose file: tests/deploy
deploy=(dpkg-dev file mmdebstrap lintian systemd-container buildah crun docker-compose)
# what writes and checks the dashboards, and what draws their pictures: dashboards/generator
dashboards=(nodejs npm)
pictures=(nodejs npm chromium fonts-dejavu-core)
unpacked=(postfix dovecot-core exim4-daemon-light nsd unbound rbldnsd prometheus prometheus-alertmanager)

say() { printf 'packages: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

main() {
  case ${1:-} in
    --list) shift; names_of "$@" ;;
    --unpack) unpack_servers "${2:?--unpack needs a directory}" ;;
    '' | -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0" ;;
    *) install_missing "$@" ;;
  esac
}

names_of() {
  local group
  for group in "$@"; do
    case $group in
      build | test | format | real | fresh | package | deploy | dashboards | pictures)
        local -n names=$group
        printf '%s\n' "${names[@]}"
        ;;
      *) die "no group '$group' (build, test, format, real, fresh, package, deploy, dashboards, pictures)" ;;
    esac
  done | sort -u
}

is_debian_12() { (. /etc/os-release 2>/dev/null && [ "${ID:-} ${VERSION_ID:-}" = "debian 12" ]); }

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_missing() {
  local wanted name missing=()
  wanted=$(names_of "$@")
  if ! is_debian_12; then
    say "not Debian 12, so nothing is installed for you; if the build misses something, this is what Debian calls it:"
    say "$(echo $wanted)"
    return 0
  fi
  for name in $wanted; do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  make_way_for_boost "${missing[@]}"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "neither root nor sudo; as root, run: apt-get install --no-install-recommends ${missing[*]}"
  say "installing ${missing[*]}"
  refresh_lists
  apt_get install -y --no-install-recommends --no-remove "${missing[@]}" ||
    die "could not install: ${missing[*]}"
}

# Debian lets only one Boost's headers in; removing somebody's is not ours to do.
make_way_for_boost() {
  [[ " $* " == *" libboost1.81-dev "* ]] && is_installed libboost1.74-dev || return 0
  die "libboost1.74-dev is installed and excludes the needed libboost1.81-dev; if nothing of yours needs it:" \
    "sudo apt-get remove libboost1.74-dev"
}

refresh_lists() { apt_get update || say "apt-get update failed; going on with the lists at hand"; }

# Quiet when all is well, apt's own words when not.
apt_get() {
  local as_root=() output options=(-qq -o Dpkg::Use-Pty=0)
  if [ "$(id -u)" != 0 ]; then
    as_root=(sudo)
    [ -t 0 ] || as_root+=(-n) # nobody there to type a password
  fi
  output=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@" </dev/null 2>&1) && return 0
  printf '%s\n' "$output" >&2
  return 1
}

# Each package under DIR/NAME, as its .deb has it: DIR/postfix/usr/sbin/postfix and so on. What is there is kept.
unpack_servers() {
  local directory=$1 name missing=() work
  for name in "${unpacked[@]}"; do [ -d "$directory/$name" ] || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  is_debian_12 || die "the real servers come from Debian 12's packages; this is another system"
  say "unpacking ${missing[*]} in $directory"
  mkdir -p "$directory"
  work=$(mktemp -d "$directory/.unpack.XXXXXX")
  if ! (cd "$work" && apt-get -qq download "${missing[@]}") >"$work/log" 2>&1; then
    refresh_lists
    (cd "$work" && apt-get -qq download "${missing[@]}") >"$work/log" 2>&1 ||
      die "could not download ${missing[*]}: $(grep -v ^W: "$work/log" | tail -n 1)"
  fi
  for name in "${missing[@]}"; do
    dpkg-deb -x "$work/$name"_*.deb "$work/$name"
    mv "$work/$name" "$directory/$name"
  done
  rm -rf "$work"
}

main "$@"
