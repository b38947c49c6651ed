#!/usr/bin/env bash
# All tests, from a fresh clone on a fresh Debian 12: installs what is missing, builds, runs, closes with ctest's summary.
#
#   tests/run.sh            format, all tests under ASan and UBSan, all tests and twenty rounds of all scenarios
#   tests/run.sh --quick    format, then all tests but the real servers and the rounds
#
# One configure or build at a time, as many compilers as cores. Exit 0 only if everything that ran passed; what could
# not run says SKIPPED and why. The real servers need root and network namespaces, and touch nothing outside their own.
# It measures nothing: benchmarks are run by hand.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
quick=no
failed=()
jobs=$(nproc)

say() { printf '\n== %s (%d min %02d s)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
skipped() { printf '\n**** SKIPPED: %s ****\n' "$*"; }

main() {
  case ${1:-} in
    '') ;;
    --quick) quick=yes ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) printf 'tests/run.sh: unknown option %s; see --help\n' "$1" >&2; exit 2 ;;
  esac
  packages
  check_format
  check_length
  if [ $quick = yes ]; then
    skipped "the real servers, the sanitizers, the twenty rounds (--quick)"
  else
    real_servers
    under_sanitizers
  fi
  build dev
  run_all
}

packages() {
  say "packages"
  local groups=(build test format)
  [ $quick = yes ] || groups+=(real)
  bash deploy/packages.sh "${groups[@]}"
  # Debian's npm excludes a nodejs from elsewhere, so what is there is taken.
  command -v npm >/dev/null || bash deploy/packages.sh dashboards || skipped "no node and npm for the dashboards"
  command -v chromium >/dev/null || bash deploy/packages.sh pictures || skipped "no Chromium for the pages"
}

check_format() {
  say "format"
  if ! command -v clang-format-14 >/dev/null; then skipped "no clang-format-14 here"; return; fi
  git ls-files -z '*.cpp' '*.hpp' | xargs -0r clang-format-14 --dry-run -Werror || failed+=(format)
}

# A file of more than 300 lines says why in its first ones: "Longer than other files, since …".
check_length() {
  local file long=()
  while IFS= read -r file; do
    [ "$(wc -l <"$file")" -le 300 ] || [ -n "$(sed -n '1,9{/Longer than other files/p}' "$file")" ] || long+=("$file")
  done < <(git ls-files '*.cpp' '*.hpp' '*.sh')
  [ ${#long[@]} -gt 0 ] || return 0
  printf '%s: over 300 lines, and does not say why\n' "${long[@]}"
  failed+=(length)
}

# A build that fails ends the run: there is nothing left to test.
build() {
  say "build, preset $1"
  cmake --preset "$1" >"$root/build/$1.log" 2>&1 || { tail -n 30 "$root/build/$1.log"; exit 1; }
  cmake --build --preset "$1" -j "$jobs"
}

under_sanitizers() {
  build asan
  say "tests under ASan and UBSan"
  # What says nothing about our own code is tried once, below.
  run_tests build/asan -LE 'rounds|dashboards|deploy|drill|pages' || failed+=("tests under ASan and UBSan")
}

# The servers are unpacked below build/, never installed; promtool comes with them.
real_servers() {
  if ! bash deploy/packages.sh --unpack build/servers; then
    skipped "the real servers could not be unpacked"
  elif [ "$(id -u)" != 0 ]; then
    skipped "the real servers need root; everything else runs. As root: ctest --test-dir build/dev -L real"
  elif ! unshare --net --mount --pid --fork true 2>/dev/null; then
    skipped "the real servers need network, mount and process namespaces; this machine allows none"
  fi
  export PATH="$root/build/servers/prometheus/usr/bin:$PATH"
}

# Some tests judge how soon a thing is seen. What fails beside its neighbours is run once more alone: it must pass then,
# and is named all the same, since a test that needs silence wants mending.
run_tests() {
  ctest --test-dir "$1" "${@:2}" --output-on-failure -j "$jobs" && return
  local log=$1/Testing/Temporary/LastTestsFailed.log
  [ "$(wc -l <"$log")" -le 5 ] || return 1
  printf '\n**** UNSTEADY, once more alone: %s ****\n' "$(tr '\n' ' ' <"$log")"
  ctest --test-dir "$1" --rerun-failed --output-on-failure
}

run_all() {
  local selection=()
  [ $quick = no ] || selection=(-LE 'real|rounds')
  say "all tests"
  run_tests build/dev "${selection[@]}" || failed+=(tests)
  [ ${#failed[@]} -gt 0 ] || return 0
  printf '\nFAILED: %s\n' "${failed[@]}"
  exit 1
}

# The same sources in another place compile to the same objects.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
mkdir -p "$root/build"
main "$@" </dev/null
