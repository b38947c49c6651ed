#!/usr/bin/env bash
# Runbooks in step with the alerts: a page for each alert and an alert for each page, with the four sections and the alert's
# severities; the index names every page; no link leads nowhere. (Causes: tests/unit/model/cause_runbook_test.cpp.)
#
#   tests/dashboards/runbooks_test.sh [DIR]      DIR: dashboards, as in the source tree
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dashboards=${1:-$here/dashboards}
pages=$dashboards/runbooks
readonly longest=60 # lines of a page: it is read at night
complaints=0

complain() { printf 'runbooks_test: %s\n' "$*" >&2; complaints=$((complaints + 1)); }

main() {
  local severities alerts
  severities=$(alert_severities)
  alerts=$(cut -d ' ' -f 1 <<<"$severities" | sort -u)
  [ -n "$alerts" ] || complain "no alert found in $dashboards/prometheus/rules"
  each_alert_has_a_page "$alerts" "$severities"
  each_page_has_an_alert "$alerts"
  index_names_every_page
  links_lead_somewhere
  pages_are_short
  [ $complaints -eq 0 ] || exit 1
  printf 'runbooks: %s alerts, %s pages\n' "$(wc -l <<<"$alerts")" "$(all_pages | wc -l)"
}

# Lines "ALERT SEVERITY", from the rules as they are written.
alert_severities() {
  awk '$1 == "-" && $2 == "alert:" {name = $3} $1 == "severity:" {print name, $2}' "$dashboards"/prometheus/rules/*.yml | sort -u
}

all_pages() { find "$pages" -name '*.md' | sort; }

each_alert_has_a_page() {
  local alert page said wanted sections
  for alert in $1; do
    page=$pages/$alert.md
    [ -f "$page" ] || { complain "no page for the alert $alert"; continue; }
    [ "$(head -n 1 "$page")" = "# $alert" ] || complain "$alert.md is not headed by its alert's name"
    sections=$(sed -n 's/^## //p' "$page" | tr '\n' ' ')
    [ "$sections" = "Meaning Impact Diagnosis Mitigation " ] || complain "$alert.md has the sections $sections"
    wanted=$(awk -v alert="$alert" '$1 == alert {print $2}' <<<"$2" | sort -u | tr '\n' ' ')
    said=$(sed -n '3{/^severity /p}' "$page" | { grep -oE '`(critical|warning|info|none)`' || true; } | tr -d '`' | sort -u | tr '\n' ' ')
    [ "$said" = "$wanted" ] || complain "$alert.md says severity '$said', the rules say '$wanted'"
  done
}

each_page_has_an_alert() {
  local page name
  for page in "$pages"/*.md; do
    name=$(basename "$page" .md)
    [ "$name" = README ] || grep -qxF "$name" <<<"$1" || complain "$name.md is a page without an alert"
  done
}

index_names_every_page() {
  local page
  while read -r page; do
    page=${page#"$pages/"}
    [ "$page" = README.md ] || grep -qF "]($page)" "$pages/README.md" || complain "README.md does not name $page"
  done < <(all_pages)
}

# Relative links, with the heading that stands behind #, if any. The same link of two pages in one folder is followed once.
links_lead_somewhere() {
  local page link file heading
  local -A followed=()
  while read -r page; do
    while read -r link; do
      [ -z "${followed[${page%/*}/$link]:-}" ] || continue
      [ "${link%%#*}" ] && followed[${page%/*}/$link]=yes
      file=${page%/*}/${link%%#*}
      [ "${link%%#*}" ] || file=$page
      [ -e "$file" ] || { complain "${page#"$pages/"} links to $link, which is not there"; continue; }
      case $link in *'#'*)
        heading=${link#*#}
        sed -n 's/^#* //p' "$file" | tr '[:upper:] ' '[:lower:]-' | tr -cd 'a-z0-9_\n-' | grep -qxF -- "$heading" ||
          complain "${page#"$pages/"} links to $link, a heading that is not there" ;;
      esac
    done < <({ grep -oE '\]\([^) ]+\)' "$page" || true; } | sed 's/^](//; s/)$//' | grep -v '://' || true)
  done < <(all_pages)
}

pages_are_short() {
  local page lines
  while read -r page; do
    lines=$(wc -l <"$page")
    [ "$(basename "$page")" = README.md ] || [ "$lines" -le $longest ] || complain "${page#"$pages/"} has $lines lines"
  done < <(all_pages)
}

main
