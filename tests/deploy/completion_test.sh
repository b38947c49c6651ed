#!/usr/bin/env bash
# Completion as a person at a bash meets it: the words that Tab would offer, from the completion functions themselves.
#
#   MXHEALTH_BIN_DIR=build/dev/bin tests/deploy/completion_test.sh
source "$(dirname "$0")/lib.sh"

main() {
  [ -x "$bin/mxhealthctl" ] && [ -x "$bin/mxhealth_exporter" ] || skip "no programs in $bin"
  PATH=$bin:$PATH
  source "$root/deploy/completion/mxhealthctl.bash"
  source "$root/deploy/completion/mxhealth_exporter.bash"
  check "both are registered" registered
  check "commands" offers mxhealthctl '' check explain lists suggest config
  check "begun command" offers_only mxhealthctl expl explain
  check "flags of a command" offers mxhealthctl 'check --' --json --nagios --module --config.file --timeout
  check "no flags of another command" offers_not mxhealthctl 'explain --' --nagios
  check "causes" offers_only mxhealthctl 'explain connect_ref' connect_refused
  check "statuses" offers mxhealthctl 'explain 4.4.' 4.4.1 4.4.7
  check "behind flags, too" offers_only mxhealthctl 'explain --json banner_rej' banner_rejected
  check "config check" offers_only mxhealthctl 'config ' check
  check "topics" offers_only mxhealthctl 'suggest t' tls-rpt tlsa
  check "files" in_a_directory offers_only mxhealthctl 'check --config.file mxh' mxhealth.yml
  check "files behind an equals sign" in_a_directory offers_only mxhealthctl 'check --config.file = mxh' mxhealth.yml
  check "modules" offers_only mxhealthctl 'check --module submissi' submission submissions
  check "flags of the exporter" offers mxhealth_exporter '--' --config.file --web.listen-address --log.level --version
  check "levels" offers_only mxhealth_exporter '--log.level w' warn
  check "levels behind an equals sign" offers_only mxhealth_exporter '--log.level = w' warn
  finish
}

registered() { complete -p mxhealthctl mxhealth_exporter; }

# tab PROGRAM WORDS: what Tab would offer behind them. Bash makes a word of its own of "=".
tab() {
  local line=$2
  COMP_WORDS=("$1" $line)
  [[ -n $line && $line != *' ' ]] || COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  "_$1"
  offered=$(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
}

offers() {
  tab "$1" "$2"
  local word
  for word in "${@:3}"; do grep -qxF -- "$word" <<<"$offered" || { echo "no $word in: $offered"; return 1; }; done
}

offers_not() {
  tab "$1" "$2"
  ! grep -qxF -- "$3" <<<"$offered"
}

offers_only() {
  tab "$1" "$2"
  [ "$offered" = "$(printf '%s\n' "${@:3}")" ] || { echo "offered: $offered"; return 1; }
}

in_a_directory() (
  cd "$(mktemp -d)"
  touch mxhealth.yml other.yml
  "$@"
)

main
