#!/usr/bin/env bash
# The manual pages: mandoc finds nothing to say, groff warns of nothing, and the flags in them are those of --help, no
# more and no fewer; the same for the commands of mxhealthctl.
#
#   MXHEALTH_BIN_DIR=build/dev/bin tests/deploy/manual_test.sh
source "$(dirname "$0")/lib.sh"

readonly flag='(^|[ ,[|])--[a-z][a-z.-]*'

main() {
  command -v mandoc >/dev/null || skip "no mandoc; deploy/packages.sh test brings it"
  [ -x "$bin/mxhealthctl" ] && [ -x "$bin/mxhealth_exporter" ] || skip "no programs in $bin"
  work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_manual.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  local page
  for page in mxhealthctl.1 mxhealth_exporter.8; do
    check "$page is well written" lint_is_content "$root/deploy/man/$page"
    check "$page has the flags of --help" same_flags "$root/deploy/man/$page" "${page%.*}"
  done
  check "a flag that is missing would be seen" missing_flag_is_seen
  check "mxhealthctl.1 has a part for each command" every_command_has_a_part
  finish
}

# Pages that refer to each other are not installed yet.
lint_is_content() {
  ! mandoc -Tlint -W style "$1" | grep -v 'referenced manual not found' || return 1
  command -v groff >/dev/null || return 0
  groff -mdoc -ww -z "$1" >"$work/groff" 2>&1 && [ ! -s "$work/groff" ] || { cat "$work/groff"; return 1; }
}

# same_flags PAGE PROGRAM
same_flags() {
  flags_of_page "$1" >"$work/page"
  flags_of_program "$2" >"$work/program"
  [ -s "$work/program" ] || { echo "$2 --help shows no flags"; return 1; }
  diff "$work/page" "$work/program"
}

# What is described in a list of its own, wherever: ".It Fl h , Fl \-help".
flags_of_page() { grep -E '^\.It .*Fl \\-' "$1" | grep -oE '\\-[a-z][a-z.-]*' | sed 's/^\\-/--/' | sort -u; }

flags_of_program() {
  local command
  {
    "$bin/$1" --help
    for command in $(commands_of "$1"); do "$bin/$1" "$command" --help; done
  } | grep -E '^ +(-h,)?--' | grep -oE -- "$flag" | tr -d ' ,[|' | sort -u
}

commands_of() { "$bin/$1" --help | sed -n '/^Subcommands:/,$ s/^  \([a-z][a-z]*\) .*/\1/p'; }

missing_flag_is_seen() {
  grep -v 'json' "$root/deploy/man/mxhealthctl.1" >"$work/short.1"
  ! same_flags "$work/short.1" mxhealthctl >/dev/null
}

every_command_has_a_part() {
  local command
  for command in $(commands_of mxhealthctl); do
    grep -qx "\.Ss mxhealthctl $command" "$root/deploy/man/mxhealthctl.1" || { echo "nothing on $command"; return 1; }
  done
  [ -n "$command" ]
}

main
