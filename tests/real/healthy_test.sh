#!/usr/bin/env bash
# Healthy mail hosts: every domain is ok, and what the metrics say of TLS, certificates, DNSSEC and the dialogue is what
# the servers themselves logged. Prometheus scrapes it. The logs show no early talking and a QUIT at every session's end.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/exporter.sh"
enter_world "$@"

main() {
  start_dns
  start_mail
  write_exporter_config
  start_prometheus
  start_exporter
  within 30 "every domain is ok, as MX and for submission" all_ok
  dns_facts
  tls_facts
  reachability
  latency
  exposition
  within 20 "Prometheus scrapes it: up is 1" prometheus_says up 1
  check "Prometheus has the verdict" prometheus_says 'mxhealth_domain_verdict{domain="example.test",role="mx",verdict="ok"}' 1
  sleep $((2 * interval)) # some more rounds for the logs
  check "postscreen never saw us hang up" log_lacks mx3 HANGUP
  stop exporter # which closes, without a word, what waits for a greeting
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  etiquette
  finish
}

dns_facts() {
  check "the signed zone's MX answer was authenticated" has 'mxhealth_mx_lookup_authenticated{domain="example.test"}' 1
  check "the unsigned zone's was not" has 'mxhealth_mx_lookup_authenticated{domain="plain.test"}' 0
  check "MX set of both.example.test" equal \
    "$(sample 'mxhealth_mx_info{domain="both.example.test"}' server preference | sort | xargs)" \
    "mx1.example.test 10 mx2.example.test 20"
}

tls_facts() {
  local port
  for port in 25 587 465; do
    check "Postfix port $port: version and cipher as Postfix logged them" same_tls_as_postfix $port
    check "Postfix port $port: certificate's last day" has "$(not_after mx1 $port)" "$(certificate_end mx1)"
  done
  check "Postfix port 465 really was the one with TLS 1.2" equal "$(tls_of mx1 465 version)" "TLSv1.2"
  check "Exim: version as Exim logged it" same_version_as_exim
  check "Exim: certificate's last day" has "$(not_after mx2 25)" "$(certificate_end mx2)"
  check "postscreen's host: certificate's last day" has "$(not_after mx3 25)" "$(certificate_end mx3)"
  check "chains verify against the test's CA" has 'mxhealth_tls_verify_success{check="chain"}'
  check "names match" has 'mxhealth_tls_verify_success{check="hostname"}'
}

not_after() { printf 'mxhealth_tls_cert_not_after_timestamp_seconds{server="%s.example.test",port="%s"}' "$1" "$2"; }
tls_of() { sample "mxhealth_tls_info{server=\"$1.example.test\",port=\"$2\"}" "${@:3}"; }

# "Anonymous TLS connection established from …: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) …"; the log
# does not name the port, but only port 465 speaks TLS 1.2.
same_tls_as_postfix() {
  local logged
  logged=$(mail_log mx1 | sed -nE 's/.*TLS connection established from [^ ]+ (TLSv[0-9.]+) with cipher ([^ ]+) .*/\1 \2/p' |
    if [ "$1" = 465 ]; then grep 'TLSv1\.2'; else grep -v 'TLSv1\.2'; fi | sort -u)
  equal "$(tls_of mx1 "$1" version cipher)" "$logged"
}

# "… X=TLS1.3:ECDHE_X25519__…:256 …"
same_version_as_exim() {
  equal "$(tls_of mx2 25 version)" "$(sed -nE 's/.* X=TLS(1\.[0-9]):.*/TLSv\1/p' "$work/mx2/log/mainlog" | sort -u)"
}

reachability() {
  check "both families are probed" equal \
    "$(sample 'mxhealth_address_up{server="mx1.example.test",port="25"}' address family | sort | xargs)" \
    "192.0.2.10 ipv4 2001:db8::10 ipv6"
  check "every address answers" has mxhealth_address_up
  check "every endpoint answers" has mxhealth_endpoint_up
  check "every domain is reachable" has mxhealth_domain_reachable
  check "no domain has a cause" has_not mxhealth_domain_cause_info
}

# Our kernel would take 40 ms to acknowledge what a server must have acknowledged before it goes on.
latency() {
  within $((3 * interval)) "our kernel's 40 ms are in no phase: banner in TLS" took_under_30_ms 465 banner
  within $((3 * interval)) "our kernel's 40 ms are in no phase: EHLO in TLS" took_under_30_ms 587 ehlo_tls
}

took_under_30_ms() {
  sample "mxhealth_address_last_duration_seconds{server=\"mx1.example.test\",port=\"$1\",phase=\"$2\"}" |
    awk '{print} $1 < 0.03 {found = 1} END {exit !found}'
}

exposition() {
  check "promtool finds nothing to say about a scrape" promtool_is_silent
  check "a compressed scrape is the same format" compressed_scrape
}

promtool_is_silent() {
  local words
  scrape
  words=$("$servers/prometheus/usr/bin/promtool" check metrics <"$work/scrape" 2>&1) && [ -z "$words" ] && return
  printf '%s\n' "$words"
  return 1
}

compressed_scrape() {
  curl -fsS --max-time 5 -H 'Accept-Encoding: gzip' -D "$work/head" -o "$work/scrape.gz" "http://$address/metrics" &&
    grep -i '^content-encoding: *gzip' "$work/head" && gzip -dc "$work/scrape.gz" >"$work/scrape" && grep -q '^mxhealth_domain_verdict{' "$work/scrape"
}

start_prometheus() {
  cat >"$work/prometheus.yml" <<CONF
global: {scrape_interval: 1s, scrape_timeout: 900ms}
scrape_configs:
  - {job_name: mxhealth, static_configs: [{targets: ['$address']}]}
CONF
  start prometheus "$servers/prometheus/usr/bin/prometheus" --config.file="$work/prometheus.yml" \
    --storage.tsdb.path="$work/prometheus" --web.listen-address=127.0.0.1:9090 --log.level=warn \
    --web.console.templates="$work" --web.console.libraries="$work"
}

# prometheus_says QUERY VALUE: "up{…} => 1 @[…]"
prometheus_says() {
  local answer
  answer=$("$servers/prometheus/usr/bin/promtool" query instant http://127.0.0.1:9090 "$1" 2>&1)
  equal "$(sed -E 's/.* => ([^ ]+) @.*/\1/' <<<"$answer")" "$2"
}

etiquette() {
  check "postscreen saw us wait for its greeting" grep -q 'PASS NEW' "$work/mx3/log/mail.log"
  check "postscreen never saw us talk early" log_lacks mx3 'PREGREET|COMMAND|BARE NEWLINE|NON-SMTP'
  local host
  for host in mx1 mx3; do
    check "$host: every session ended by QUIT" every_session_quit $host
    check "$host: none was lost" log_lacks $host 'lost connection|timeout after|improper|non-SMTP|SSL_accept error'
  done
  check "Exim: every session ended by QUIT" every_exim_session_quit
}

log_lacks() { ! mail_log "$1" | grep -E "$2"; }

# "disconnect from unknown[192.0.2.10] ehlo=2 starttls=1 quit=1 commands=4": as many as connects, each with its QUIT
every_session_quit() {
  local connects quits
  connects=$(mail_log "$1" | grep -c 'smtpd.*: connect from')
  quits=$(mail_log "$1" | grep -c 'smtpd.*: disconnect from.* quit=1 ')
  mail_log "$1" | grep 'smtpd.*: disconnect from' | grep -v ' quit=1 '
  [ "$connects" -ge 2 ] && equal "$quits sessions with QUIT" "$connects sessions with QUIT"
}

# "no MAIL in SMTP connection from [192.0.2.20] D=0s X=… C=EHLO,STARTTLS,EHLO,QUIT"
every_exim_session_quit() {
  local log=$work/mx2/log/mainlog connects quits
  connects=$(grep -c 'SMTP connection from .*connection count' "$log")
  quits=$(grep -c 'no MAIL in SMTP connection from .* C=EHLO,STARTTLS,EHLO,QUIT$' "$log")
  grep -E 'no MAIL|connection from .* lost|error' "$log" | grep -v ',QUIT$'
  [ "$connects" -ge 2 ] && equal "$quits sessions with QUIT" "$connects sessions with QUIT"
}

main
