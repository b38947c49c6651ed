# The mail hosts of the real-server tests, each on the true ports:
#   mx1  Postfix   192.0.2.10, 2001:db8::10   25 and 587 with STARTTLS, 465 in TLS from the first byte and TLS 1.2 only
#   mx2  Exim      192.0.2.20, 2001:db8::20   25 with STARTTLS by GnuTLS
#   mx3  Postfix   192.0.2.30                 25 behind postscreen, which greets after 6 s and logs who talks before
# Certificates come from a CA of the test's own, each with a last day of its own. Needs lib.sh. Mail is never accepted.

make_certificates() {
  mkdir -p "$work/tls"
  (
    cd "$work/tls" || exit
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 400 \
      -subj "/CN=real-server test CA" >openssl.log 2>&1 || die "openssl: $(cat openssl.log)"
  ) && make_certificate mx1 40 && make_certificate mx2 50 && make_certificate mx3 60
}

make_certificate() { # make_certificate HOST DAYS
  (
    cd "$work/tls" || exit
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1.example.test" \
      -keyout "$1.key" -out "$1.csr" &&
      printf 'subjectAltName=DNS:%s.example.test\n' "$1" >"$1.ext" &&
      openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$2" -extfile "$1.ext" \
        -out "$1.pem" &&
      chmod 644 "$1.key" # the servers read it after they gave up root
  ) >"$work/tls/openssl.log" 2>&1 || die "openssl: $(cat "$work/tls/openssl.log")"
}

certificate_end() { date -d "$(openssl x509 -in "$work/tls/$1.pem" -noout -enddate | cut -d = -f 2)" +%s; }

start_mail() {
  make_certificates || exit 1 # it ran, and said why, in a subshell
  configure_postfix mx1 <<'MASTER'
192.0.2.10:25         inet n - n - - smtpd
[2001:db8::10]:25     inet n - n - - smtpd
192.0.2.10:587        inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
[2001:db8::10]:587    inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
192.0.2.10:465        inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_mandatory_protocols=TLSv1.2
[2001:db8::10]:465    inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_mandatory_protocols=TLSv1.2
MASTER
  configure_postfix mx3 <<'MASTER'
192.0.2.30:25         inet n - n - 1 postscreen
smtpd                 pass - - n - - smtpd
tlsproxy              unix - - n - 0 tlsproxy
dnsblog               unix - - n - 0 dnsblog
MASTER
  start_postfix mx1 192.0.2.10
  start_postfix mx3 192.0.2.30
  start_exim
}

# configure_postfix HOST <its part of master.cf
configure_postfix() {
  local home=$work/$1 lib=$servers/postfix/usr/lib/postfix queue
  mkdir -p "$home"/{etc,data,log,spool}
  for queue in active bounce corrupt defer deferred flush hold incoming private saved trace; do
    install -d -o postfix -m 700 "$home/spool/$queue"
  done
  install -d -o postfix -m 710 "$home/spool/public"
  install -d "$home/spool/pid" "$home/spool/maildrop"
  chown postfix "$home/data"
  cat >"$home/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $home/spool
data_directory = $home/data
daemon_directory = $lib/sbin
command_directory = $servers/postfix/usr/sbin
shlib_directory = $lib
meta_directory = $home/etc
import_environment = MAIL_CONFIG LD_LIBRARY_PATH TZ LANG=C
maillog_file = $home/log/mail.log
maillog_file_prefixes = $home
mail_owner = postfix
setgid_group = postdrop
myhostname = $1.example.test
mydestination =
inet_interfaces = all
mynetworks = 127.0.0.9/32
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject
smtpd_tls_cert_file = $work/tls/$1.pem
smtpd_tls_key_file = $work/tls/$1.key
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
alias_maps =
postscreen_access_list =
postscreen_cache_map =
postscreen_greet_wait = 6s
postscreen_greet_action = enforce
CONF
  {
    cat
    cat <<'MASTER'
tlsmgr                unix - - n 1000? 1 tlsmgr
rewrite               unix - - n - - trivial-rewrite
anvil                 unix - - n - 1 anvil
cleanup               unix n - n - 0 cleanup
proxymap              unix - - n - - proxymap
postlog               unix-dgram n - n - 1 postlogd
MASTER
  } >"$home/etc/master.cf"
}

start_postfix() { # start_postfix HOST ADDRESS
  start "$1" env LD_LIBRARY_PATH="$servers/postfix/usr/lib/postfix" \
    "$servers/postfix/usr/lib/postfix/sbin/master" -d -c "$work/$1/etc"
  await_port "$1" "$2" 25
}

mail_log() { cat "$work/$1/log/mail.log"; }

start_exim() {
  local home=$work/mx2
  mkdir -p "$home"/{spool,log}
  cat >"$home/exim.conf" <<CONF
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = $home/spool
log_file_path = $home/log/%slog
pid_file_path = $home/exim.pid
log_selector = +smtp_connection +smtp_no_mail +tls_cipher +smtp_protocol_error +smtp_syntax_error
primary_hostname = mx2.example.test
local_interfaces = <; 192.0.2.20 ; 2001:db8::20
daemon_smtp_ports = 25
tls_advertise_hosts = *
tls_certificate = $work/tls/mx2.pem
tls_privatekey = $work/tls/mx2.key
smtp_banner = \$primary_hostname ESMTP \$version_number
rfc1413_query_timeout = 0s
host_lookup =
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny message = no mail here
CONF
  chown -R Debian-exim "$home"
  start mx2 setpriv --reuid Debian-exim --regid Debian-exim --clear-groups \
    "$servers/exim4-daemon-light/usr/sbin/exim4" -C "$home/exim.conf" -bdf
  await_port mx2 192.0.2.20 25
}
