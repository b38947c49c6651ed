# Hosts that take logins and recipients: one Postfix, many addresses, and Dovecot as its SASL server.
#   rcpt     192.0.2.40   25, a verdict of its own for each recipient and sender domain
#   submit   192.0.2.41   587, every mechanism
#   smtps    192.0.2.42   465, every mechanism
#   plain, login, scram   192.0.2.43 to .45   587, that mechanism alone
#   clear    192.0.2.46   587, offers AUTH before STARTTLS too
#   bare     192.0.2.47   587, offers AUTH and has no TLS
#   noauth   192.0.2.48   587, TLS and no AUTH
#   wrong    192.0.2.49   587, as submit: for the test's wrong password
#   forged   192.0.2.50   587, as submit, with a certificate of its own making
# smtpd writes every command into its log (-v), so that commands_of can tell what was said. Mail is never accepted.
# Needs lib.sh, dns.sh and mail.sh; start_sasl comes after start_dns "$(sasl_records)".

readonly sasl_hosts=(rcpt submit smtps plain login scram clear bare noauth wrong forged)
readonly rcpt_domains=(accepted greylisted postgrey unknown listed full deferred refused nowhere)

sasl_address() {
  local i
  for i in "${!sasl_hosts[@]}"; do [ "${sasl_hosts[$i]}" != "$1" ] || printf '192.0.2.%d' $((40 + i)); done
}

# The list names the address we come from, which on a cable to oneself is its first.
sasl_records() {
  local host domain
  for host in "${sasl_hosts[@]}"; do printf '%s A %s\n' "$host" "$(sasl_address "$host")"; done
  for domain in "${rcpt_domains[@]}"; do printf '%s MX 10 rcpt\n' "$domain"; done
  printf '1.2.0.192.bl A 127.0.0.2\n1.2.0.192.bl TXT "on the list"\n'
}

# start_sasl USER PASSWORD
start_sasl() {
  local host
  [ -d "$servers/dovecot-core" ] || skip "no Dovecot in $servers; deploy/packages.sh --unpack brings it"
  for host in "${sasl_hosts[@]}"; do ip addr add "$(sasl_address "$host")/24" dev mx0; done
  [ -f "$work/tls/ca.key" ] || make_certificates
  for host in "${sasl_hosts[@]}"; do make_certificate "$host" 40 || exit 1; done
  sign_itself forged
  printf 'nameserver 127.0.0.1\n' >"$work/resolv.conf" # Postfix asks the blocklist, and whether a sender's domain exists
  mount --bind "$work/resolv.conf" /etc/resolv.conf || die "no private resolv.conf"
  start_dovecot "$1" "$2"
  sasl_services | configure_postfix sasl
  recipients >>"$work/sasl/etc/main.cf"
  start_postfix sasl "$(sasl_address rcpt)"
}

sign_itself() {
  openssl x509 -req -in "$work/tls/$1.csr" -signkey "$work/tls/$1.key" -days 40 -extfile "$work/tls/$1.ext" \
    -out "$work/tls/$1.pem" >"$work/tls/openssl.log" 2>&1 || die "openssl: $(cat "$work/tls/openssl.log")"
}

# Dovecot is unpacked, not installed: only doveconf knows where it lies, so it reads the configuration and starts it.
# One wrong password must not slow down the others' logins: no penalty for the address.
start_dovecot() {
  local home=$work/dovecot lib=$servers/dovecot-core/usr/lib/dovecot
  mkdir -p "$home"
  printf '%s:{PLAIN}%s\n' "$1" "$2" >"$home/users"
  cat >"$home/dovecot.conf" <<CONF
base_dir = $home/base
state_dir = $home/state
libexec_dir = $lib
import_environment = LD_LIBRARY_PATH
log_path = /dev/stderr
protocols =
ssl = no
auth_mechanisms = plain login scram-sha-256
auth_verbose = yes
auth_debug = yes
passdb {
  driver = passwd-file
  args = username_format=%n $home/users
}
service auth {
  user = root
  unix_listener $home/sasl {
    user = postfix
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
CONF
  start dovecot env LD_LIBRARY_PATH="$lib:$lib/modules/old-stats" "$servers/dovecot-core/usr/bin/doveconf" \
    -c "$home/dovecot.conf" -m master -f service=master -e \
    "$servers/dovecot-core/usr/sbin/dovecot" -F -c "$home/dovecot.conf"
  within 20 "Dovecot listens for Postfix" test -S "$home/sasl"
}

# The part of master.cf. TLS and AUTH are said per service: without -o there is neither.
sasl_services() {
  local host
  rcpt_service
  for host in submit wrong forged; do login_service $host 587 -o smtpd_tls_security_level=encrypt; done
  login_service smtps 465 -o smtpd_tls_wrappermode=yes
  login_service plain 587 -o smtpd_tls_security_level=encrypt -o smtpd_sasl_mechanism_filter=plain
  login_service login 587 -o smtpd_tls_security_level=encrypt -o smtpd_sasl_mechanism_filter=login
  login_service scram 587 -o smtpd_tls_security_level=encrypt -o smtpd_sasl_mechanism_filter=scram-sha-256
  login_service clear 587 -o smtpd_tls_auth_only=no
  login_service bare 587 -o smtpd_tls_auth_only=no -o smtpd_tls_security_level=none
  login_service noauth 587 -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=no
}

# login_service HOST PORT OPTION…
login_service() {
  smtpd_service "$1" "$2" -o smtpd_tls_auth_only=yes -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot \
    -o "smtpd_sasl_path=$work/dovecot/sasl" "${@:3}"
}

smtpd_service() {
  printf '%s:%s inet n - n - - smtpd -v\n' "$(sasl_address "$1")" "$2"
  printf ' -o myhostname=%s.example.test -o smtpd_tls_cert_file=%s -o smtpd_tls_key_file=%s' \
    "$1" "$work/tls/$1.pem" "$work/tls/$1.key"
  printf ' %s' "${@:3}"
  printf '\n'
}

# Each verdict where it belongs: on senders at MAIL, on recipients at RCPT. The greylisters' words are those of Postfix'
# own example and of postgrey; the blocklist is asked for real.
rcpt_service() {
  smtpd_service rcpt 25 -o smtpd_delay_reject=no
  cat <<'OPTIONS'
 -o smtpd_relay_restrictions=reject_unauth_destination -o unknown_address_reject_code=550
 -o {smtpd_sender_restrictions = check_sender_access inline:{
   {deferred.example.test = 451 4.3.5 Server configuration problem} {refused.example.test = 550 5.7.1 Not from here} },
   reject_unknown_sender_domain}
 -o {smtpd_recipient_restrictions = check_recipient_access inline:{
   {greylisted.example.test = 450 4.7.1 Greylisted for 300 seconds}
   {postgrey.example.test = DEFER_IF_PERMIT 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/postgrey.example.test.html}
   {listed.example.test = reject_rbl_client bl.example.test}
   {full.example.test = 452 4.2.2 Mailbox full} }, reject_unlisted_recipient}
OPTIONS
}

# Which domains are ours is trivial-rewrite's to know, so it stands in main.cf.
recipients() {
  printf 'relay_domains ='
  printf ' %s.example.test' "${rcpt_domains[@]}"
  printf '\nrelay_recipient_maps = inline:{'
  printf ' {postmaster@%s.example.test = x}' accepted greylisted postgrey listed full deferred refused nowhere
  printf ' }\n'
}

# commands_of HOST: the commands of its sessions in Postfix's words, one session a line: "EHLO … | STARTTLS | … | QUIT".
# In its log: "Nov 22 17:22:25 rcpt postfix/smtpd[256]: < unknown[192.0.2.1]: EHLO probe.example.test"; a process has one
# session at a time.
commands_of() {
  awk -v host="$1" '
    $4 != host { next }
    { process = $5 }
    $6 == "connect" && $7 == "from" { said[process] = "" }
    $6 == "<" { sub(/.*\]: < [^ ]*: /, ""); said[process] = said[process] (said[process] == "" ? "" : " | ") $0 }
    $6 == "disconnect" { print said[process] }
  ' "$work/sasl/log/mail.log"
}
