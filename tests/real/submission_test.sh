#!/usr/bin/env bash
# What a server says of a sender and a recipient is told apart as a sending server would: Postfix decides. Its log shows
# what was said to it: never DATA, RSET and QUIT at the end, and no AUTH where nobody asks for it.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/sasl.sh"
source "$here/exporter.sh"
enter_world "$@"

main() {
  start_dns "$(sasl_records)"
  start_sasl probe canary
  write_probe_config
  start_probing
  envelopes
  told_apart_from_reaching
  stop exporter
  etiquette
  finish
}

write_probe_config() {
  local domain host
  {
    cat <<CONF
global:
  interval: ${interval}s
  ehlo_name: probe.example.test
  timeouts: {connect: 3s}
  tls_ca_file: $work/tls/ca.pem
  confirm: {probes: 2, after: 1s}
resolvers: [127.0.0.1]
limits: {non_public_targets: true}
modules:
  inbox: {role: mx, port: 25, envelope: {from: "", to: postmaster}}
  deferred: {role: mx, port: 25, envelope: {from: probe@deferred.example.test, to: postmaster}}
  refused: {role: mx, port: 25, envelope: {from: probe@refused.example.test, to: postmaster}}
  nowhere: {role: mx, port: 25, envelope: {from: probe@nothing.example.test, to: postmaster}}
targets:
CONF
    for domain in accepted greylisted postgrey unknown listed full; do
      printf '  - {domain: %s.example.test, own: true, modules: [inbox]}\n' $domain
    done
    for domain in deferred refused nowhere; do
      printf '  - {domain: %s.example.test, own: true, modules: [%s]}\n' $domain $domain
    done
    for host in plain login scram clear bare noauth; do
      printf '  - {server: %s.example.test, own: true, modules: [submission]}\n' $host
    done
    printf '  - {server: %s.example.test, own: true, modules: [%s]}\n' submit submission smtps submissions
  } >"$work/mxhealth.yml"
}

start_probing() {
  start exporter "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address $address \
    --log.level debug
  within 50 "the exporter is ready" get /-/ready
}

# is DOMAIN ROLE VERDICT [CAUSE STATUS]
is() {
  has_verdict "$1.example.test" "$3" "$2" || return
  if [ $# = 3 ]; then
    has_not "mxhealth_domain_cause_info{domain=\"$1.example.test\",role=\"$2\"}"
  else
    has "mxhealth_domain_cause_info{domain=\"$1.example.test\",role=\"$2\",cause=\"$4\",enhanced_status=\"$5\"}"
  fi
}

envelopes() {
  local soon=$((4 * interval)) # all ride in the sessions of one host, a few in each
  within $soon "250 to RCPT: ok" is accepted mx ok
  within $soon "450 4.7.1 greylisted: told so" is greylisted mx tempfail greylisted 4.7.1
  within $soon "450 4.2.0 as postgrey says it: greylisted too" is postgrey mx tempfail greylisted 4.2.0
  within $soon "550 5.1.1 unknown user: rejected" is unknown mx rejecting recipient_rejected 5.1.1
  within $soon "554 5.7.1 by a blocklist: rejected" is listed mx rejecting recipient_rejected 5.7.1
  within $soon "452 4.2.2 mailbox full: a failure that passes" is full mx tempfail recipient_tempfail 4.2.2
  within $soon "451 4.3.5 to MAIL: a failure that passes" is deferred mx tempfail sender_tempfail 4.3.5
  within $soon "550 5.7.1 to MAIL: rejected" is refused mx rejecting sender_rejected 5.7.1
  within $soon "550 5.1.8, the sender's domain does not exist: rejected" is nowhere mx rejecting sender_rejected 5.1.8
}

# The gauges of reaching a host say nothing of recipients.
told_apart_from_reaching() {
  check "each host is up, whatever it says to senders" has 'mxhealth_endpoint_up{port="25"}'
  check "and those that take logins" has 'mxhealth_endpoint_up{port="587"}'
}

etiquette() {
  local host sessions=$work/sessions
  for host in "${sasl_hosts[@]}"; do commands_of $host; done >"$sessions"
  check "envelopes were tried" grep -q 'RCPT TO:<postmaster@accepted.example.test>' "$sessions"
  check "never DATA" none_of 'DATA|BDAT' "$sessions"
  check "RSET after each" none_of 'MAIL FROM' <(sed -E 's/MAIL FROM:[^|]*\| (RCPT TO:[^|]*\| )?RSET//g' "$sessions")
  # SIGTERM may have cut one short inside its handshake.
  check "QUIT at each session's end" none_of . <(grep -vE '(^|\| )QUIT$|STARTTLS$|^$' "$sessions")
  check "never AUTH, where nobody asks for it" none_of AUTH "$sessions"
}

# none_of PATTERN FILE: of which there is one
none_of() { [ -r "$2" ] && ! grep -E -e "$1" "$2"; }

main
