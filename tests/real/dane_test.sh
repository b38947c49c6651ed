#!/usr/bin/env bash
# DANE as real servers do it: a signed zone in nsd, a validating unbound, Postfix as the mail hosts, each with a certificate
# and TLSA records of its own, and Postfix's smtp client with smtp_tls_security_level=dane as the sender that DANE is for.
# What the exporter says of each host (mxhealth_dane_state, the verdict) has to be what that sender does with its mail:
# it verifies the host, goes on without, or defers.
source "$(dirname "$0")/lib.sh"
source "$here/dns.sh"
source "$here/mail.sh"
source "$here/exporter.sh"
enter_world "$@"

# NAME STATE VERDICT POSTFIX, where POSTFIX is verified (an authenticated session), sent (one without) or deferred
readonly cases=(
  'key          secure_match  ok       verified'
  'cert         secure_match  ok       verified'
  'sha512       secure_match  ok       verified'
  'whole        secure_match  ok       verified'
  'anchor       secure_match  ok       verified'
  'anchorkey    secure_match  ok       verified'
  'othername    secure_match  ok       verified'
  'alias        secure_match  ok       verified'
  'rollover     secure_match  ok       verified'
  'anchorname   mismatch      at_risk  deferred'
  'stale        mismatch      at_risk  deferred'
  'notls        mismatch      at_risk  deferred'
  'failing      lookup_failed at_risk  deferred'
  'web          unusable      ok       sent'
  'without      none          ok       sent'
  'insecure     none          ok       sent'
)
readonly sender_port=2600

main() {
  give_addresses
  make_certificates || exit 1
  make_all_certificates
  start_dns "$(records)"
  private_resolv_conf
  start_hosts
  start_sender
  write_dane_config
  start_exporter
  send_all
  judge_all
  check "the record of the next key is found" has "$(finding rollover tlsa_unmatched)"
  check "that there is none, too" has "$(finding key tlsa_no_next_key)"
  check "records for the web are found" has "$(finding web tlsa_unusable)"
  check "the certificate's end is told for every host with TLS" test \
    "$(sample mxhealth_tls_cert_not_after_timestamp_seconds server | wc -l)" -ge 15
  stop exporter
  check "SIGTERM ends it with status 0" equal $stopped_with 0
  finish
}

each() { printf '%s\n' "${cases[@]}"; }
address_of() { each | awk -v name="$1" '$1 == name {print "192.0.2." 100 + NR}'; }
server_of() { case $1 in insecure) printf 'insecure.plain.test' ;; *) printf '%s.example.test' "$1" ;; esac; }
domain_of() { case $1 in insecure) printf 'insecure-mail.plain.test' ;; *) printf '%s-mail.example.test' "$1" ;; esac; }

give_addresses() {
  local name
  for name in $(each | awk '{print $1}'); do ip addr add "$(address_of "$name")/24" dev mx0; done
}

# A certificate for the host's name, or for another; the CA's goes along, for DANE-TA needs it.
make_all_certificates() {
  local name subject
  for name in $(each | awk '{print $1}') next; do
    subject=$(server_of "$name")
    case $name in othername | anchorname) subject=elsewhere.example ;; esac
    (
      cd "$work/tls" || exit
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$subject" -keyout "$name.key" \
        -out "$name.csr" && printf 'subjectAltName=DNS:%s\n' "$subject" >"$name.ext" &&
        openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 90 -extfile "$name.ext" \
          -out "$name.pem" && cat "$name.pem" ca.pem >"$name.chain" && chmod 644 "$name.key"
    ) >"$work/tls/openssl.log" 2>&1 || die "openssl: $(cat "$work/tls/openssl.log")"
  done
}

# tlsa USAGE SELECTOR MATCHING CERTIFICATE: the record's data, by openssl alone
tlsa() {
  local der
  if [ "$2" = 0 ]; then der='openssl x509 -outform DER'; else der='openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER'; fi
  printf '%s %s %s ' "$1" "$2" "$3"
  bash -c "$der" <"$work/tls/$4.pem" | case $3 in
    0) od -An -v -tx1 | tr -d ' \n' ;;
    1) openssl dgst -sha256 -r | cut -d ' ' -f 1 ;;
    2) openssl dgst -sha512 -r | cut -d ' ' -f 1 ;;
  esac
  printf '\n'
}

# What is added to the signed zone. The failing one leads to a zone that nobody serves.
records() {
  local name
  for name in $(each | awk '{print $1}'); do
    [ "$name" != insecure ] || continue
    printf '%s-mail MX 10 %s\n' "$name" "$name"
    [ "$name" != alias ] || { printf 'alias CNAME aliased\naliased A %s\n' "$(address_of alias)"; continue; }
    printf '%s A %s\n' "$name" "$(address_of "$name")"
  done
  cat <<ZONE
_25._tcp.key TLSA $(tlsa 3 1 1 key)
_25._tcp.cert TLSA $(tlsa 3 0 1 cert)
_25._tcp.sha512 TLSA $(tlsa 3 1 2 sha512)
_25._tcp.whole TLSA $(tlsa 3 0 0 whole)
_25._tcp.anchor TLSA $(tlsa 2 0 1 ca)
_25._tcp.anchorkey TLSA $(tlsa 2 1 2 ca)
_25._tcp.othername TLSA $(tlsa 3 1 1 othername)
_25._tcp.aliased TLSA $(tlsa 3 1 1 alias)
_25._tcp.rollover TLSA $(tlsa 3 1 1 rollover)
_25._tcp.rollover TLSA $(tlsa 3 1 1 next)
_25._tcp.anchorname TLSA $(tlsa 2 0 1 ca)
_25._tcp.stale TLSA $(tlsa 3 1 1 next)
_25._tcp.notls TLSA $(tlsa 3 1 1 notls)
_25._tcp.failing CNAME tlsa.dead.test.
_25._tcp.web TLSA $(tlsa 1 1 1 web)
ZONE
}

# The unsigned zone has a host whose TLSA record is wrong; nobody may heed it.
insecure_records() {
  printf 'insecure-mail MX 10 insecure\ninsecure A %s\n_25._tcp.insecure TLSA %s\n' "$(address_of insecure)" "$(tlsa 3 1 1 next)"
}

private_resolv_conf() {
  insecure_records >>"$work/dns/plain.test"
  stop nsd
  start nsd "$servers/nsd/usr/sbin/nsd" -d -c "$work/dns/nsd.conf"
  await_port nsd 192.0.2.53 53
  printf 'nameserver 127.0.0.1\noptions edns0 trust-ad timeout:1 attempts:2\n' >"$work/resolv.conf"
  mount --bind "$work/resolv.conf" /etc/resolv.conf || die "no private resolv.conf"
}

# One Postfix, an smtpd for each address. It refuses recipients, which is behind TLS, and all that is needed.
start_hosts() {
  local name level
  for name in $(each | awk '{print $1}'); do
    level=may
    [ "$name" != notls ] || level=none
    printf '%s:25 inet n - n - - smtpd -o smtpd_tls_security_level=%s -o smtpd_tls_chain_files=%s,%s\n' \
      "$(address_of "$name")" $level "$work/tls/$name.key" "$work/tls/$name.chain"
  done | configure_postfix mx1
  sed -i '/^smtpd_tls_cert_file\|^smtpd_tls_key_file/d' "$work/mx1/etc/main.cf"
  start_postfix mx1 "$(address_of key)"
}

start_sender() {
  configure_postfix sender <<MASTER
127.0.0.1:$sender_port inet n - n - - smtpd
smtp      unix - - n - - smtp
qmgr      unix n - n 300 1 qmgr
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
scache    unix - - n - 1 scache
MASTER
  # A key said twice is a warning of each process to the log daemon, which waits for itself once ten are queued.
  sed -i -E '/^(myhostname|inet_interfaces|mynetworks|smtpd_relay_restrictions|smtpd_tls_(security_level|cert_file|key_file)) =/d' \
    "$work/sender/etc/main.cf"
  cat >>"$work/sender/etc/main.cf" <<CONF
myhostname = sender.example.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
smtpd_tls_cert_file =
smtpd_tls_key_file =
transport_maps = inline:{sender.test=discard:}
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
smtp_tls_security_level = dane
smtp_tls_loglevel = 1
CONF
  start sender env LD_LIBRARY_PATH="$servers/postfix/usr/lib/postfix" \
    "$servers/postfix/usr/lib/postfix/sbin/master" -d -c "$work/sender/etc"
  await_port sender 127.0.0.1 $sender_port
}

write_dane_config() {
  local name
  {
    cat <<CONF
global:
  interval: ${interval}s
  ehlo_name: probe.example.test
  tls_ca_file: $work/tls/ca.pem
  confirm: {probes: 2, after: 1s}
resolvers: [127.0.0.1]
limits: {non_public_targets: true}
dnsbl: off
targets:
CONF
    for name in $(each | awk '{print $1}'); do printf '  - {domain: %s, own: true}\n' "$(domain_of "$name")"; done
  } >"$work/mxhealth.yml"
}

send_all() {
  check "every message is taken" python3 - "$sender_port" $(for name in $(each | awk '{print $1}'); do domain_of "$name"; echo; done) <<'PYTHON'
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), local_hostname="client.example.test", timeout=120) as server:
    for domain in sys.argv[2:]:
        server.sendmail("a@sender.test", f"user@{domain}", "From: a@sender.test\r\nSubject: DANE\r\n\r\nhello\r\n")
PYTHON
}

judge_all() {
  local name state verdict does
  while read -r name state verdict does; do
    within 40 "$name: the exporter says $state" has "$(state_of "$name" "$state")"
    within 20 "$name: the verdict is $verdict" has_verdict "$(domain_of "$name")" "$verdict"
    within 20 "$name: Postfix: $does" postfix_does "$name" "$does"
  done < <(each)
}

state_of() { printf 'mxhealth_dane_state{server="%s",port="25",state="%s"}' "$(server_of "$1")" "$2"; }
finding() { printf 'mxhealth_endpoint_finding{server="%s",port="25",finding="%s"}' "$(server_of "$1")" "$2"; }

# "Verified TLS connection established to key.example.test[…]:25", then "to=<user@…>, … dsn=5.7.1, status=bounced (…)"
postfix_does() {
  local log fate
  log=$(mail_log sender)
  fate=$(sed -nE "s/.*to=<user@$(domain_of "$1")>,.* status=([a-z]+) .*/\1/p" <<<"$log" | head -n 1)
  case $2 in
    deferred) equal "$fate" deferred ;;
    verified) equal "$fate" bounced && grep "Verified TLS connection established to .*\[$(address_of "$1")\]" <<<"$log" ;;
    sent) equal "$fate" bounced && ! grep "Verified TLS connection established to .*\[$(address_of "$1")\]" <<<"$log" ;;
  esac || { grep -F "$(address_of "$1")" <<<"$log"; grep -F "$(domain_of "$1")" <<<"$log"; return 1; }
}

main
