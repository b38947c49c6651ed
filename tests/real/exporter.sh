# The exporter in the real-server tests: its configuration, start, and what a scrape of it says. Needs lib.sh.

readonly interval=5 # seconds, as in the configuration below
readonly address=127.0.0.1:25587

# The documentation addresses are not public ones, hence non_public_targets.
write_exporter_config() {
  cat >"$work/mxhealth.yml" <<CONF
global:
  interval: ${interval}s
  ehlo_name: probe.example.test
  timeouts: {connect: 3s}
  tls_ca_file: $work/tls/ca.pem
  confirm: {probes: 2, after: 1s}
resolvers: [127.0.0.1]
limits: {non_public_targets: true}
dnsbl: off
targets:
  - domain: example.test
    own: true
    submission: [mx1.example.test]
    modules: [mx, submission, submissions]
  - {domain: exim.example.test, own: true}
  - {domain: patient.example.test, own: true}
  - {domain: both.example.test, own: true}
  - {domain: plain.test, own: true}
CONF
}

start_exporter() {
  start exporter "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address $address
  within 50 "the exporter is ready" get /-/ready
}

get() { curl -fsS --max-time 5 "http://$address$1"; }
scrape() { get /metrics >"$work/scrape"; }

# sample SELECTOR [LABEL…]: from a fresh scrape
sample() { scrape && python3 "$here/metrics.py" "$work/scrape" "$@"; }

# has SELECTOR [VALUE]: there is such a sample, and every one of them has the value (1)
has() {
  local values
  values=$(sample "$1" | sort -u)
  [ -n "$values" ] || { no_sample "$1"; return 1; }
  equal "$values" "${2:-1}"
}

no_sample() {
  printf 'no %s; what comes near:\n' "$1"
  grep -F "${1%%[,\}]*}" "$work/scrape" | head -n 12
}

has_not() { ! sample "$1"; }

has_verdict() { has "mxhealth_domain_verdict{domain=\"$1\",role=\"${3:-mx}\",verdict=\"$2\"}"; }
has_cause() { has "mxhealth_domain_cause_info{domain=\"$1\",role=\"mx\",cause=\"$2\"}"; }

all_ok() {
  has_verdict example.test ok && has_verdict example.test ok submission && has_verdict exim.example.test ok &&
    has_verdict patient.example.test ok && has_verdict both.example.test ok && has_verdict plain.test ok
}
