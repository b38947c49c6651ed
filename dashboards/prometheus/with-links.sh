#!/usr/bin/env bash
# Copies the rules with your own links in them. As they are shipped, all links begin with https://mxhealth.invalid.
#
#   dashboards/prometheus/with-links.sh RUNBOOKS DASHBOARDS OUTDIR
#   dashboards/prometheus/with-links.sh https://wiki.example.net/mail https://grafana.example.net /etc/prometheus/rules
#
# RUNBOOKS is where the files of dashboards/runbooks/ are served, DASHBOARDS where Grafana is.
set -euo pipefail

readonly base=https://mxhealth.invalid

die() { printf 'with-links: %s\n' "$*" >&2; exit 2; }

# The characters of an address, and none that means something to sed but the &.
is_link() {
  local pattern='^https?://[]A-Za-z0-9._~:/?#@!+,;=%&()*[-]+$'
  [[ $1 =~ $pattern ]]
}

main() {
  case ${1:-} in '' | -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
  [ $# -eq 3 ] || die "three arguments are needed: RUNBOOKS DASHBOARDS OUTDIR"
  local rules runbooks=${1%/} dashboards=${2%/} file
  rules=$(cd "$(dirname "${BASH_SOURCE[0]}")/rules" && pwd)
  is_link "$runbooks" || die "'$1' is no http or https address"
  is_link "$dashboards" || die "'$2' is no http or https address"
  mkdir -p "$3"
  [ "$(cd "$3" && pwd)" != "$rules" ] || die "'$3' is where the originals are"
  for file in "$rules"/*.yml; do
    sed -e "s|$base/runbooks/|${runbooks//&/\\&}/|" -e "s|$base/d/|${dashboards//&/\\&}/d/|" "$file" >"$3/${file##*/}"
  done
}

main "$@"
