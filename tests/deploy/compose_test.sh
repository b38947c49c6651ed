#!/usr/bin/env bash
# The compose file: accepted by docker-compose, and every file it mounts is there and good in the eyes of its reader.
# Nothing is pulled or started: image_test.sh builds and runs the images.
source "$(dirname "$0")/lib.sh"

compose=$root/deploy/compose
work=$(mktemp -d "${TMPDIR:-/tmp}/mxhealth_compose.XXXXXX")
trap 'rm -rf "$work"' EXIT

main() {
  if command -v docker-compose >/dev/null; then
    check "docker-compose accepts the file" accepts
    check "and would refuse a wrong one" fails refuses
  else
    printf '**** SKIPPED: no docker-compose here; deploy/packages.sh deploy brings it ****\n'
  fi
  check "what it mounts is there" mounts_exist
  check "the exporter's configuration is good" "$bin/mxhealth_exporter" --config.check --config.file "$compose/mxhealth.yml"
  check "Dockerfile and compose file know the same stages" same_stages
  if promtool=$(PATH="$PATH:$root/build/servers/prometheus/usr/bin" type -P promtool); then
    check "Prometheus takes its configuration" prometheus_takes
  else
    printf '**** SKIPPED: no promtool here ****\n'
  fi
  finish
}

accepts() { docker-compose --file "$compose/docker-compose.yml" --profile demo config --quiet; }
refuses() { docker-compose --file <(sed 's/ports:/prots:/' "$compose/docker-compose.yml") config --quiet; }

mounts_exist() {
  local path
  for path in $(grep -oE '(- |\[")\.[^: ]*:' "$compose/docker-compose.yml" | grep -oE '\.[^:]*'); do
    [ -e "$compose/$path" ] || { printf 'missing: %s\n' "$path"; return 1; }
  done
}

same_stages() {
  local stage
  for stage in $(grep -oE 'target: [a-z]+' "$compose/docker-compose.yml" | cut -d ' ' -f 2); do
    grep -qE "^FROM .* AS $stage$" "$root/deploy/Dockerfile" || { printf 'no stage %s\n' "$stage"; return 1; }
  done
}

prometheus_takes() {
  sed "s#/etc/prometheus/rules#$root/dashboards/prometheus/rules#" "$compose/prometheus.yml" >"$work/prometheus.yml"
  "$promtool" check config "$work/prometheus.yml"
}

main
