#!/usr/bin/env bash
# The Kubernetes manifests: in step with the rules, read by kustomize, held against typed schemas, and with flags and a
# configuration that this exporter takes. What a missing tool keeps from being checked is said.
source "$(dirname "$0")/lib.sh"

kubernetes=$root/deploy/kubernetes
modules=${MXHEALTH_BUILD_DIR:-$root/build/dev}/manifests # where npm puts the schemas
work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_kubernetes.XXXXXX")
trap 'rm -rf "$work"' EXIT

main() {
  check "the rules are those of dashboards/prometheus/rules" in_step
  check "the configuration is good" "$bin/mxhealth_exporter" --config.check --config.file "$kubernetes/base/mxhealth.yml"
  check "the configuration for probing on demand, too" "$bin/mxhealth_exporter" --config.check --config.file "$kubernetes/on_demand/mxhealth.yml"
  check "the targets file, too" targets_are_good
  check "the flags are known" knows_flags "$kubernetes/base/statefulset.yaml"
  if have_kustomize; then
    for overlay in base three_shards on_demand; do
      check "kustomize takes $overlay" kustomize "$overlay"
    done
    schemas
  fi
  finish
}

in_step() {
  diff "$kubernetes/base/prometheus_rules.yaml" <(bash "$kubernetes/rules.sh") ||
    { echo "write it anew: deploy/kubernetes/rules.sh >deploy/kubernetes/base/prometheus_rules.yaml"; return 1; }
}

targets_are_good() {
  printf 'target_files: ["%s"]\n' "$kubernetes/base/targets/targets.yml" >"$work/targets.yml"
  "$bin/mxhealth_exporter" --config.check --config.file "$work/targets.yml"
}

have_kustomize() {
  kubectl kustomize --help >/dev/null 2>&1 && return
  printf '**** SKIPPED: no kubectl here, so nothing read the manifests ****\n'
  return 1
}

# Without a warning, either.
kustomize() {
  kubectl kustomize "$kubernetes/$1" >"$work/$1.yaml" 2>"$work/words" && [ ! -s "$work/words" ] || { cat "$work/words"; return 1; }
}

schemas() {
  local overlay
  if ! have_modules >"$work/npm.log" 2>&1; then
    printf '**** SKIPPED: no typed schemas: %s ****\n' "$(tail -n 1 "$work/npm.log")"
    return
  fi
  for overlay in base three_shards on_demand; do
    check "$overlay: schemas, names, shards, walls" held_against_schemas "$work/$overlay.yaml"
  done
  check "a wrong field would be found" finds_a_wrong_field
}

held_against_schemas() { node "$modules/manifests.mjs" "$1" "$root/dashboards/prometheus/rules"; }

# What was installed for the same versions is used again.
have_modules() {
  command -v npm || { echo "no npm here"; return 1; }
  mkdir -p "$modules"
  cp "$root/tests/deploy/manifests.mjs" "$modules"
  cmp "$root/tests/deploy/package-lock.json" "$modules/installed" && return
  cp "$root"/tests/deploy/package{,-lock}.json "$modules"
  (cd "$modules" && timeout 200 npm ci --ignore-scripts --no-audit --no-fund) && cp "$modules/package-lock.json" "$modules/installed"
}

finds_a_wrong_field() {
  sed 's/replicas: 1/replicas: one/' "$work/base.yaml" >"$work/wrong.yaml"
  grep '^StatefulSet mxhealth: .*replicas' <(held_against_schemas "$work/wrong.yaml")
}

main
