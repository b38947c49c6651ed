# What the tests of deploy/ share, beside the checks of tests/real/lib.sh: sourced by *_test.sh and booted_checks.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../real/lib.sh"

here=$root/tests/deploy

fails() { ! "$@"; }

# Some commands complain with exit status 0.
prints_nothing() {
  local words
  words=$("$@" 2>&1)
  printf '%s' "$words"
  [ -z "$words" ]
}

# knows_flags FILE…: the exporter has every flag that these files name
knows_flags() {
  local flag help
  help=$("$bin/mxhealth_exporter" --help)
  for flag in $(grep -hoE -- '--[a-z]+\.[a-z.-]+' "$@"); do
    grep -qE -- "^ +$flag( |=|$)" <<<"$help" || { printf 'unknown flag %s\n' "$flag"; return 1; }
  done
}

# Debian's sources of this machine, for a Debian made by mmdebstrap.
debian_sources() { find /etc/apt/sources.list.d -name debian.sources; }
