#!/usr/bin/env bash
# The images, built by buildah in chroots and run as containers run them: as 25587, nothing to write, asked by the health
# check of the image. No daemon, no registry: the base is a Debian made here.
#
#   tests/deploy/image_test.sh
#
# Compiles the exporter as a release; what ccache knows is not compiled again. Needs root, network and a package source:
# bash deploy/packages.sh deploy. Many minutes from nothing; no part of tests/run.sh.
# Exit 0 all checks held, 1 some did not, 77 this machine cannot run it.
source "$(dirname "$0")/lib.sh"

main() {
  [ "$(id -u)" = 0 ] || skip "images are built by root here"
  own_namespaces "$@"
  command -v buildah >/dev/null && command -v mmdebstrap >/dev/null ||
    skip "no buildah or no mmdebstrap; deploy/packages.sh deploy brings them"
  work=$(mktemp -d /var/tmp/mxhealth_image.XXXXXX)
  trap clean EXIT
  make_base
  check "the exporter's image builds" build exporter || finish
  check "the lab's, too" build lab
  check "the resolver's, too" build_resolver
  [ $failures -gt 0 ] || { what_it_says; exporter_answers; demo_answers; resolver_answers; }
  finish
}

# Mounts and processes of its own: whatever buildah leaves behind ends with this script.
own_namespaces() {
  [ -z "${MXHEALTH_WORLD:-}" ] || return 0
  MXHEALTH_WORLD=1 exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
}

clean() {
  stop_all
  rm -rf --one-file-system "$work"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

buildah_here() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }

make_base() {
  mkdir "$work/base"
  mmdebstrap --quiet --variant=apt --include=ca-certificates bookworm "$work/base/base.tar" $(debian_sources) ||
    die "mmdebstrap could not make a base"
  printf 'FROM scratch\nADD base.tar /\n' >"$work/base/Dockerfile"
  buildah_here build --isolation chroot -q -t localhost/base "$work/base" >/dev/null || die "no base image"
}

# From the last commit, as somebody who cloned it would.
build() {
  [ -d "$work/source" ] || git clone -q --no-local "$root" "$work/source" || return
  local cache
  cache=$(ccache --get-config cache_dir 2>/dev/null || echo "$work/ccache")
  mkdir -p "$cache"
  buildah_here build --isolation chroot --network host --format docker --layers --build-arg BASE=localhost/base \
    --build-arg JOBS="$(nproc)" --build-arg CCACHE_DIR=/ccache --volume "$cache:/ccache" \
    --target "$1" -t "localhost/mxhealth_$1" -f "$work/source/deploy/Dockerfile" "$work/source" 2>&1
}

build_resolver() {
  buildah_here build --isolation chroot --network host --format docker --build-arg BASE=localhost/base \
    -t localhost/mxhealth_unbound -f "$work/source/deploy/compose/unbound.Dockerfile" "$work/source/deploy/compose" 2>&1
}

inspect() { buildah_here inspect --type image --format "{{$2}}" "localhost/mxhealth_$1"; }

what_it_says() {
  check "it runs as 25587" equal "$(inspect exporter .Docker.Config.User)" 25587:25587
  check "it has a health check" grep -q -- --healthcheck <(inspect exporter .Docker.Config.Healthcheck)
  check "it holds no compiler" fails in_image exporter g++ --version
}

# in_image IMAGE COMMAND…: in a container of its own each time, with $work/etc as its configuration
in_image() {
  local image=$1 container
  shift
  container=$(buildah_here from "localhost/mxhealth_$image") || return
  buildah_here run --isolation chroot --volume "$work/etc:/etc/mxhealth_exporter:ro" --volume "$work/lab:/lab" \
    "$container" -- "$@"
}

exporter_answers() {
  local address
  address=127.0.0.1:$(free_port)
  mkdir -p "$work/etc" "$work/lab"
  chown 25587:25587 "$work/lab"
  printf 'global: {ehlo_name: probe.example.net}\nresolvers: [127.0.0.1]\ntarget_files: [targets.d/*.yml]\n' \
    >"$work/etc/mxhealth.yml"
  check "without anything that runs, the health check fails" fails in_image exporter mxhealth_exporter --healthcheck \
    --web.listen-address="$address"
  start image in_image exporter mxhealth_exporter --config.file=/etc/mxhealth_exporter/mxhealth.yml \
    --web.listen-address="$address"
  within 20 "/-/healthy answers" curl -fsS --max-time 2 "http://$address/-/healthy"
  check "the image's own health check is content" in_image exporter mxhealth_exporter --healthcheck \
    --web.listen-address="$address"
}

# As the profile demo of the compose file: the lab writes the configuration, the exporter beside it reads it.
demo_answers() {
  demo=127.0.0.1:$(free_port)
  start lab in_image lab sh -c "$(lab_command)"
  within 30 "the lab plays" test -e "$work/lab/ready"
  start demo in_image exporter mxhealth_exporter --config.file=/lab/mxhealth.yml --web.listen-address="$demo"
  within 60 "the demo's healthy domain is ok" has_verdict healthy.example ok
  within 90 "and its refused one is not" has_verdict refused.example unreachable
}

lab_command() { sed -n '/ AS lab$/,/^FROM/s/^CMD \["sh", "-c", "\(.*\)"\]$/\1/p' "$root/deploy/Dockerfile"; }

has_verdict() {
  curl -fsS --max-time 2 "http://$demo/metrics" |
    grep -F "mxhealth_domain_verdict{domain=\"$1\",role=\"mx\",verdict=\"$2\"} 1"
}

resolver_answers() {
  check "unbound takes its configuration" in_image unbound unbound-checkconf /etc/unbound/unbound.conf
  start unbound in_image unbound sh -c "sed 's/interface: .*/interface: 127.0.0.1@$(free_port)/' /etc/unbound/unbound.conf \
    >/tmp/unbound.conf; exec unbound -d -p -c /tmp/unbound.conf" # port 53 takes rights that a chroot does not give
  within 20 "and runs" grep -q 'start of service' "$work/unbound.log"
}

main
