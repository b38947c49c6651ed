#!/usr/bin/env bash
# What a server says of a sender, a recipient and a login is told apart as a sending server would: Postfix decides, with
# Dovecot as its SASL server. The logs show what was said to them: never DATA, never AUTH before TLS, RSET and QUIT at
# the end. Then the password is looked for in everything the exporter has ever said. MXHEALTH_LONG=1 also waits, twenty
# minutes, for the exporter to give up on a password that is wrong.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/sasl.sh"
source "$here/exporter.sh"
enter_world "$@"

readonly user=probe
readonly password='k4naRie/gelb=Schacht' # odd enough to be nowhere by accident
readonly wrong_password='f4lscher/Piepmatz=Kaefig'

main() {
  start_dns "$(sasl_records)"
  start_sasl "$user" "$password"
  printf '%s\n' "$password" >"$work/probe.pw"
  printf '%s\n' "$wrong_password" >"$work/wrong.pw"
  write_probe_config
  start_probing
  envelopes
  logins
  told_apart_from_reaching
  everything_it_says
  broken_configurations
  [ -z "${MXHEALTH_LONG:-}" ] || gives_up
  without_dovecot
  stop exporter
  etiquette
  silence
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
dnsbl: off
modules:
  inbox: {role: mx, port: 25, envelope: {from: "", to: postmaster}}
  deferred: {role: mx, port: 25, envelope: {from: probe@deferred.example.test, to: postmaster}}
  refused: {role: mx, port: 25, envelope: {from: probe@refused.example.test, to: postmaster}}
  nowhere: {role: mx, port: 25, envelope: {from: probe@nothing.example.test, to: postmaster}}
  login: {role: submission, port: 587, auth: {user: $user, password_file: $work/probe.pw}}
  login465: {role: submission, port: 465, starttls: implicit, auth: {user: $user, password_file: $work/probe.pw}}
  wrong: {role: submission, port: 587, auth: {user: $user, password_file: $work/wrong.pw}}
targets:
CONF
    for domain in accepted greylisted postgrey unknown listed full; do
      printf '  - {domain: %s.example.test, own: true, modules: [inbox]}\n' $domain
    done
    for domain in deferred refused nowhere; do
      printf '  - {domain: %s.example.test, own: true, modules: [%s]}\n' $domain $domain
    done
    for host in plain login scram clear bare noauth forged; do
      printf '  - {server: %s.example.test, own: true, modules: [login]}\n' $host
    done
    printf '  - {server: %s.example.test, own: true, modules: [%s]}\n' submit login smtps login465 wrong wrong
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

logins() {
  local soon=$((3 * interval)) host
  within $soon "every mechanism at port 587: ok" login_is submit 587 1
  within $soon "every mechanism at port 465: ok" login_is smtps 465 1
  for host in plain login scram; do
    within $soon "no mechanism but $host: ok" login_is $host 587 1
    check "$host: nothing is wrong" is $host submission ok
  done
  within $soon "AUTH is offered in clear: TLS comes first all the same" login_is clear 587 1
  within $soon "535 5.7.8: the wrong password" login_is wrong 587 0
  within $soon "535 5.7.8: told so" is wrong submission rejecting auth_rejected 5.7.8
  within $soon "no AUTH offered: told so" is noauth submission tempfail auth_missing 4.7.0
  within $soon "a certificate that nobody vouches for: told so, and no login tried" is forged submission tempfail cert_untrusted 4.7.5
  within $soon "no TLS offered: told so, and no login tried" is bare submission tempfail starttls_missing 4.7.4
  for host in clear bare; do check "$host: AUTH in clear is a finding" has "$(finding $host auth_before_tls)"; done
  check "submit: it is none" has_not "$(finding submit auth_before_tls)"
}

finding() { printf 'mxhealth_endpoint_finding{server="%s.example.test",port="587",finding="%s"}' "$1" "$2"; }
login_is() { has "mxhealth_submission_auth_success{server=\"$1.example.test\",port=\"$2\"}" "$3"; }

# The gauges of reaching a host say nothing of recipients and logins.
told_apart_from_reaching() {
  check "each host is up, whatever it says to senders" has 'mxhealth_endpoint_up{port="25"}'
  check "and to logins" has 'mxhealth_endpoint_up{port="587"}'
}

everything_it_says() {
  local page
  for page in / /metrics /style.css /-/healthy /-/ready /targets /api/v1/status /targets/submit.example.test \
    /targets/wrong.example.test /api/v1/targets/submit.example.test /api/v1/targets/wrong.example.test \
    "/probe?target=submit.example.test&module=login&debug=true" "/probe?target=wrong.example.test&module=wrong&debug=true"; do
    printf '=== %s\n' "$page"
    curl -s --max-time 20 -i "http://$address$page"
    curl -s --max-time 20 -i -H 'Accept: application/openmetrics-text;version=1.0.0' "http://$address$page"
  done >"$work/pages.said" 2>&1
  tr '\0' '\n' <"/proc/${pid_of[exporter]}/cmdline" >"$work/cmdline.said"
  tr '\0' '\n' <"/proc/${pid_of[exporter]}/environ" >"$work/environ.said"
  "$bin/mxhealth_exporter" --config.check --config.file "$work/mxhealth.yml" --log.level debug >"$work/check.said" 2>&1
  check "--config.check: status 0" equal $? 0
}

# The password in all the wrong places: what is said of them names the place, not the password.
broken_configurations() {
  local n=0 line
  printf '%s\n%s\n' "$password" "$password" >"$work/two_lines.pw"
  printf '%s\0\n' "$password" >"$work/control.pw"
  for n in {1..500}; do printf '%s' "$password"; done >"$work/long.pw"
  n=0
  while IFS= read -r line; do
    n=$((n + 1))
    sed "s|^  login: .*|$(sed 's/[&|]/\\&/g' <<<"$line")|" "$work/mxhealth.yml" >"$work/broken.yml"
    printf '=== %s\n' "$n"
    "$bin/mxhealth_exporter" --config.check --config.file "$work/broken.yml" --log.level debug
    printf 'status %s\n' $?
  done >"$work/broken.said" 2>&1 <<LINES
  login: {role: submission, port: 587, auth: "$password"}
  login: {role: submission, port: 587, auth: {user: $user, password: $password}}
  login: {role: submission, port: 587, auth: {user: $user, password_file: $work/probe.pw, password: "$password"}}
  login: {role: submission, port: 587, auth: {user: $user, password_file: "$password"}}
  login: {role: submission, port: 587, auth: {user: $user, password_file: $work/two_lines.pw}}
  login: {role: submission, port: 587, auth: {user: $user, password_file: $work/control.pw}}
  login: {role: submission, port: 587, auth: {user: $user, password_file: $work/long.pw}}
  login: {role: submission, port: 587, starttls: opportunistic, auth: {user: $user, password_file: $work/probe.pw}}
LINES
  check "each is refused" equal "$(grep '^status' "$work/broken.said" | sort | uniq -c | xargs)" "8 status 1"
}

# Logins are five minutes apart; the third refusal is the last before a reload.
gives_up() {
  within 700 "the third 535 is the last" grep -q 'event=login_stopped server=wrong' "$work/exporter.log"
  sleep 400
  check "three logins and no fourth" equal "$(logins_at wrong)" 3
  check "others go on" test "$(logins_at submit)" -ge 4
  curl -s --max-time 10 -X POST "http://$address/-/reload" >"$work/reload.said"
  within $((3 * interval)) "a reload is leave to try once more" equal_logins wrong 4
}

equal_logins() { equal "$(logins_at "$1")" "$2"; }

# A new process starts with no memory of what it tried. Postfix' process of the last session still waits for another.
without_dovecot() {
  local attending
  attending=$(pgrep -P "${pid_of[dovecot]}") # what serves Postfix would outlive its master
  stop exporter
  stop dovecot
  kill -KILL $attending 2>/dev/null
  start_probing
  within $((3 * interval)) "454 4.7.0: Dovecot is gone" is submit submission tempfail auth_tempfail 4.7.0
  check "454 4.7.0: no success" login_is submit 587 0
}

etiquette() {
  local host sessions=$work/sessions tries=2 # one in each life of the exporter
  [ -z "${MXHEALTH_LONG:-}" ] || tries=5
  for host in "${sasl_hosts[@]}"; do commands_of $host; done >"$sessions"
  check "envelopes were tried" grep -q 'RCPT TO:<postmaster@accepted.example.test>' "$sessions"
  check "never DATA" none_of 'DATA|BDAT' "$sessions"
  check "RSET after each" none_of 'MAIL FROM' <(sed -E 's/MAIL FROM:[^|]*\| (RCPT TO:[^|]*\| )?RSET//g' "$sessions")
  # SIGTERM may have cut one short inside its handshake.
  check "QUIT at each session's end" none_of . <(grep -vE '(^|\| )QUIT$|STARTTLS$|^$' "$sessions")
  check "AUTH never before STARTTLS" none_of 'AUTH .*STARTTLS' "$sessions"
  for host in bare noauth forged; do check "$host: never AUTH" none_of AUTH <(commands_of $host); done
  for host in PLAIN LOGIN SCRAM-SHA-256; do mechanism_was_used $host; done
  check "a wrong password is not tried twice in five minutes" equal_logins wrong $tries
}

logins_at() { commands_of "$1" | grep -o 'AUTH ' | wc -l; }

# none_of PATTERN FILE: of which there is one
none_of() { [ -r "$2" ] && ! grep -E -e "$1" "$2"; }

mechanism_was_used() {
  local host=${1,,}
  host=${host%%-*}
  check "$host: AUTH $1 and no other" equal "$(commands_of "$host" | grep -oE 'AUTH [A-Z0-9-]+' | sort -u)" "AUTH $1"
}

silence() {
  needles >"$work/needles"
  check "the needles are the right ones: Postfix heard them" grep -qFf "$work/needles" "$work/sasl/log/mail.log"
  check "the exporter's log is there" grep -q 'event=verdict_changed domain=wrong' "$work/exporter.log"
  check "its pages are there" grep -q '^mxhealth_submission_auth_success' "$work/pages.said"
  check "the passwords are in none of it" none_of_the_needles "$work"/{exporter.log,scrape,*.said}
}

none_of_the_needles() { ! grep -FHf "$work/needles" "$@"; }

# Each password, its parts whatever is escaped between them, and its base64 wherever it stands in what is encoded: less
# the ends that depend on what is beside it.
needles() {
  local secret pad
  for secret in "$password" "$wrong_password"; do
    printf '%s\n' "$secret"
    tr -s '/=' '\n' <<<"$secret"
    for pad in '' x xx; do printf '%s%s' "$pad" "$secret" | base64 -w0 | sed -E 's/^.{4}(.*).{4}$/\1\n/'; done
  done
}

main
