# Real senders in front of the lab: Postfix's smtp client and Exim, each once with every TLS policy. Needs lib.sh, mail.sh.
#
#   start_lab        mxhealth_lab on port 25, its resolver on 127.0.0.1 port 53, where /etc/resolv.conf points
#   start_senders    one Postfix with a transport, three Exims with a configuration for each of may, encrypt, verify
#   send_all         to user@ each domain of $work/domains (POLICY.NAME.lab.test) one message, by either sender
#   all_ended        the first attempt at each of them is in the logs
#
# Settings as in a default installation but for the waits of 3 s, IPv4 alone, and no DANE. The senders' bounces vanish.
# An Exim remembers hosts that failed, so each policy has a spool of its own.

readonly policies=(may encrypt verify)
declare -rA exim_port=([may]=2601 [encrypt]=2602 [verify]=2603)
readonly postfix_port=2600

start_lab() { # start_lab DIRECTORY
  printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:2\n' >"$work/resolv.conf"
  mount --bind "$work/resolv.conf" /etc/resolv.conf || die "no private resolv.conf"
  ulimit -n 8192
  start lab "$bin/mxhealth_lab" --mx-port 25 --resolver 127.0.0.1 --config-out "$work/mxhealth.yml" --ready-file "$work/ready" \
    "$1"
  within 20 "the lab plays" test -e "$work/ready" || die "no lab"
  sed -n 's/^needs: //p' "$work/lab.log" >"$work/netns"
  bash -e "$work/netns" || die "unreachable hosts"
  cp "$(sed -n 's/^ *tls_ca_file: //p' "$work/mxhealth.yml")" "$work/ca.pem" && chmod 644 "$work/ca.pem"
}

start_senders() {
  local policy
  start_sending_postfix
  for policy in "${policies[@]}"; do start_sending_exim "$policy"; done
}

start_sending_postfix() {
  local policy
  {
    cat <<MASTER
127.0.0.1:$postfix_port inet n - n - - smtpd
qmgr      unix n - n 300 1 qmgr
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
scache    unix - - n - 1 scache
MASTER
    for policy in "${policies[@]}"; do
      printf '%s unix - - n - - smtp -o syslog_name=postfix/%s -o smtp_tls_security_level=%s\n' "$policy" "$policy" "$policy"
    done
  } | configure_postfix sender
  cat >>"$work/sender/etc/main.cf" <<CONF
myhostname = sender.example.test
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
default_process_limit = 400
sender_dependent_default_transport_maps = inline:{$(printf '%s@sender.test=%s: ' may may encrypt encrypt verify verify)}
transport_maps = inline:{sender.test=discard:}
smtp_tls_CAfile = $work/ca.pem
smtp_connect_timeout = 3s
smtp_helo_timeout = 3s
smtp_mail_timeout = 3s
smtp_rcpt_timeout = 3s
smtp_data_init_timeout = 3s
smtp_data_done_timeout = 3s
smtp_starttls_timeout = 3s
smtp_quit_timeout = 3s
CONF
  start sender env LD_LIBRARY_PATH="$servers/postfix/usr/lib/postfix" \
    "$servers/postfix/usr/lib/postfix/sbin/master" -d -c "$work/sender/etc"
  await_port sender 127.0.0.1 $postfix_port
}

start_sending_exim() { # start_sending_exim POLICY
  local home=$work/exim-$1 port=${exim_port[$1]} tls='tls_verify_hosts = :'
  [ "$1" = may ] || tls+=$'\n  hosts_require_tls = *'
  [ "$1" != verify ] || tls=$'tls_verify_hosts = *\n  hosts_require_tls = *'
  mkdir -p "$home"/{spool,log}
  cat >"$home/exim.conf" <<CONF
exim_path = $servers/exim4-daemon-light/usr/sbin/exim4
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = $home/spool
log_file_path = $home/log/%slog
pid_file_path = $home/exim.pid
primary_hostname = sender.example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = $port
rfc1413_query_timeout = 0s
host_lookup =
disable_ipv6 = true
dns_retrans = 1s
dns_retry = 2
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
remote_max_parallel = 1
tls_advertise_hosts =
acl_smtp_rcpt = takes_all
acl_smtp_data = takes_all
begin acl
takes_all:
  accept
begin routers
hole:
  driver = redirect
  domains = sender.test
  data = :blackhole:
mx:
  driver = dnslookup
  transport = out
  self = fail
  no_more
begin transports
out:
  driver = smtp
  connect_timeout = 3s
  command_timeout = 3s
  data_timeout = 3s
  final_timeout = 3s
  hosts_try_dane =
  allow_localhost
  tls_verify_certificates = $work/ca.pem
  $tls
begin retry
* * F,2h,15m
CONF
  chown -R Debian-exim "$home"
  start "exim-$1" setpriv --reuid Debian-exim --regid Debian-exim --clear-groups \
    "$servers/exim4-daemon-light/usr/sbin/exim4" -C "$home/exim.conf" -bdf
  await_port "exim-$1" 127.0.0.1 "$port"
}

send_all() {
  local policy ports=()
  for policy in "${policies[@]}"; do ports+=("$policy=${exim_port[$policy]}"); done
  python3 "$here/senders.py" send "$work/domains" $postfix_port "${ports[@]}"
}

all_ended() { python3 "$here/senders.py" waiting "$work/domains" "$work"; }
