#!/usr/bin/env bash
# The units as systemd reads them: nothing to complain about, little exposed, and every file they name is one we install.
source "$(dirname "$0")/lib.sh"

command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_units.XXXXXX")
trap 'rm -rf "$work"' EXIT

main() {
  here_units
  check "systemd-analyze verify prints nothing" prints_nothing systemd-analyze verify \
    "$work"/mxhealth_exporter.{service,socket}
  check "the exposure is at most 2.0" systemd-analyze security --offline=true --threshold=20 \
    "$work/mxhealth_exporter.service"
  check "the flags of the unit are known" knows_flags "$root"/deploy/systemd/* \
    "$root/deploy/debian/mxhealth_exporter.default"
  check "the unit reads the defaults file and the configuration of the package" names_conffiles
  check "the configuration of the package is good" "$bin/mxhealth_exporter" --config.check --config.file \
    "$root/deploy/debian/mxhealth.yml"
  finish
}

# The units with the program where it was built: verify looks whether it exists.
here_units() {
  local unit
  for unit in service socket; do
    sed "s#/usr/bin/mxhealth_exporter#$bin/mxhealth_exporter#" "$root/deploy/systemd/mxhealth_exporter.$unit" \
      >"$work/mxhealth_exporter.$unit"
  done
}

names_conffiles() {
  local file
  while read -r file; do
    grep -qF "$file" "$root/deploy/systemd/mxhealth_exporter.service" || { printf 'not %s\n' "$file"; return 1; }
  done <"$root/deploy/debian/conffiles"
}

main
