#!/usr/bin/env bash
# The Debian package as an administrator meets it: made from programs already built, installed, run and purged in a fresh
# Debian 12. First in a mere chroot, where no systemd runs; then in that Debian booted, with the unit and its sandbox.
#
#   tests/deploy/package_test.sh [BUILD]       a build directory with built programs (default build/release)
#
# Needs root, namespaces and a package source: bash deploy/packages.sh deploy. Some minutes; no part of tests/run.sh.
# Exit 0 all checks held, 1 some did not, 77 this machine cannot run it.
source "$(dirname "$0")/lib.sh"

build=$(realpath "${1:-$root/build/release}")

main() {
  [ "$(id -u)" = 0 ] || skip "a Debian of its own needs root"
  command -v mmdebstrap >/dev/null || skip "no mmdebstrap; deploy/packages.sh deploy brings it"
  command -v systemd-nspawn >/dev/null || skip "no systemd-nspawn; deploy/packages.sh deploy brings it"
  [ -x "$build/bin/mxhealth_lab" ] || die "no programs in $build/bin"
  work=$(mktemp -d /var/tmp/mxhealth_package.XXXXXX)
  trap 'rm -rf --one-file-system "$work"' EXIT
  make_packages
  make_debian
  without_systemd
  [ $failures -gt 0 ] || booted
  finish
}

# Two versions of the same programs, for the upgrade.
make_packages() {
  check "cpack makes the package" pack 0.1.0
  check "and another version of it" pack 99.0.0
  check "lintian has nothing to say" lintian_is_content "$work"/mxhealth-exporter_0.1.0_*.deb
  check "rules, routes, dashboards and runbooks are in it" contains_all "$work"/*_0.1.0_*.deb
  check "so are manual pages and completion" has_help "$work"/*_0.1.0_*.deb
  check "the version is that of the changelog" grep -q "^mxhealth-exporter ($(version_of "$work"/*_0.1.0_*.deb))" \
    "$root/deploy/debian/changelog"
}

contains_all() {
  local directory
  for directory in prometheus/rules alertmanager grafana runbooks; do contains $directory "$1" || return; done
}

# contains DIRECTORY PACKAGE: every .yml, .json and .md there is, below dashboards/
contains() {
  local file
  while read -r file; do
    grep -qF " ./usr/share/mxhealth_exporter/${file#dashboards/}" <(dpkg-deb -c "$2") || { echo "missing: $file"; return 1; }
  done < <(git -C "$root" ls-files "dashboards/$1/*.yml" "dashboards/$1/*.json" "dashboards/$1/*.md")
}

has_help() {
  local file
  for file in man/man8/mxhealth_exporter.8.gz man/man1/mxhealthctl.1.gz \
    bash-completion/completions/mxhealth_exporter bash-completion/completions/mxhealthctl; do
    grep -qF " ./usr/share/$file" <(dpkg-deb -c "$1") || { echo "missing: $file"; return 1; }
  done
}

pack() {
  cpack --config "$build/CPackConfig.cmake" -B "$work/cpack" -D CPACK_PACKAGE_VERSION="$1" &&
    mv "$work"/cpack/*.deb "$work"
}

version_of() { dpkg-deb -f "$1" Version; }

lintian_is_content() {
  command -v lintian >/dev/null || return 0
  ! lintian --allow-root "$1" | grep .
}

make_debian() {
  mmdebstrap --quiet --variant=apt --include=ca-certificates,systemd-sysv,dbus,curl bookworm "$work/root" \
    $(debian_sources) || die "mmdebstrap could not make a Debian"
  cp -L /etc/resolv.conf "$work/root/etc/resolv.conf"
  echo probe.example.net >"$work/root/etc/hostname" # mail servers want a full name
  mkdir "$work/root/packages"
  cp "$work"/*.deb "$work/root/packages"
}

in_root() { chroot "$work/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

# As in an image: apt brings the libraries, nothing is started. The libraries stay for what follows, which has no network.
without_systemd() {
  check "apt installs it" in_root bash -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends /packages/*_0.1.0_*.deb'
  check "both programs find their libraries" in_root bash -c 'mxhealth_exporter --version && mxhealthctl --version'
  check "its user may read its configuration" in_root runuser -u mxhealth -- mxhealth_exporter --config.check \
    --config.file=/etc/mxhealth_exporter/mxhealth.yml
  check "others may not" fails in_root runuser -u nobody -- cat /etc/mxhealth_exporter/mxhealth.yml
  check "a purge leaves nothing" purges_cleanly
}

purges_cleanly() {
  in_root apt-get -qq purge -y mxhealth-exporter || return
  ! { in_root find /etc /lib/systemd /usr /var/lib/systemd -path '*mxhealth*'
    in_root grep -H mxhealth /etc/passwd /etc/group; } | grep .
}

# booted_checks.sh runs as the last unit of the boot, prints its checks into a file and powers off. No network at all.
booted() {
  cat >"$work/root/etc/systemd/system/checks.service" <<UNIT
[Unit]
After=network.target
[Service]
Type=oneshot
Environment=MXHEALTH_BIN_DIR=$build/bin
ExecStart=/bin/bash $here/booted_checks.sh
ExecStopPost=/bin/systemctl --no-block poweroff
StandardOutput=append:/checks.log
StandardError=inherit
[Install]
WantedBy=multi-user.target
UNIT
  in_root systemctl -q enable checks.service
  timeout 300 systemd-nspawn --quiet --boot --directory="$work/root" --keep-unit --register=no --private-network \
    --bind-ro="$root" --bind-ro="$build" >"$work/boot.log" 2>&1 </dev/null
  cat "$work/root/checks.log" || tail -n 30 "$work/boot.log"
  check "all checks in the booted Debian held" grep -qx "checks: all held" "$work/root/checks.log"
}

main
