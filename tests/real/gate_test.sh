#!/usr/bin/env bash
# The door of the exporter's page: who gets in, by which protocol and in which format. Real Prometheus scrapes both
# formats, openssl and curl come with wrong passwords, expired certificates and half a handshake, files change under the
# running process, and a thousand idle clients and fifty slow ones do not keep a scraper out.
# Longer than other files: certificates and crowds are made here, and each check is a line.
source "$(dirname "$0")/lib.sh"
source "$here/exporter.sh"
enter_world "$@"

readonly password='a pass:word' python=/usr/bin/python3

main() {
  write_config
  make_certificates
  refuses_at_start
  serve '{}'
  start_exporter
  formats
  crowds
  passwords
  rate_limit
  tls
  client_certificates
  secrets
  stop exporter
  check "SIGTERM: status 0" equal $stopped_with 0
  socket_of_systemd
  finish
}

write_config() {
  printf '%s\n' 'global: {ehlo_name: probe.example.test, interval: 5s, timeouts: {dns: 1s}}' 'resolvers: [127.0.0.1]' \
    'dnsbl: off' 'targets: [{domain: example.test, own: true}]' >"$work/mxhealth.yml"
}

start_exporter() {
  start exporter "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address $address \
    --web.config.file "$work/web.yml"
  within 50 "the exporter is ready" get /-/ready
}

serve() { printf '%s\n' "$@" >"$work/web.next" && mv "$work/web.next" "$work/web.yml"; } # whole, never half

refuses_at_start() {
  serve "basic_auth_users: {prometheus: 'not a hash'}"
  check "a wrong web configuration at start: status 1, named" ends_with_one 'web\.yml:1:.*not a bcrypt hash'
  serve 'tls_server_config: {cert_file: tls/server.pem, key_file: tls/second.key}'
  check "a key of another certificate: status 1, named" ends_with_one 'second\.key: does not belong to the certificate'
}

ends_with_one() {
  local words status
  words=$(timeout 20 "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.listen-address $address \
    --web.config.file "$work/web.yml" 2>&1 </dev/null)
  status=$?
  printf '%s\n' "$words"
  [ $status = 1 ] && grep -qE "$1" <<<"$words"
}

# --- formats ---

formats() {
  local open='application/openmetrics-text'
  check "plain text unless asked otherwise" has_type '*/*' 'text/plain; version=0.0.4; charset=utf-8'
  check "OpenMetrics when asked" has_type "$open;version=1.0.0" "$open; version=1.0.0; charset=utf-8"
  check "not when liked less" has_type "$open;q=0.4,text/plain;q=0.5" 'text/plain; version=0.0.4; charset=utf-8'
  check "promtool has nothing to say about the plain text" promtool_is_content
  check "Python's parser takes the OpenMetrics" python_parses
  check "gzip when liked" has_coding 'gzip;q=0.5' gzip
  check "none when refused" has_coding 'gzip;q=0, *' ''
  start_without_accept
  start_prometheus
  within 30 "Prometheus scrapes OpenMetrics" prometheus_says 'up{job="openmetrics"}' 1
  within 30 "Prometheus scrapes plain text" prometheus_says 'up{job="plain"}' 1
  within 30 "and gets the same series from both" prometheus_says "$(same_series)" 1
  stop prometheus
  stop without_accept
}

has_type() { equal "$(curl -fsS -o /dev/null -H "Accept: $1" -w '%{content_type}' "http://$address/metrics")" "$2"; }

has_coding() {
  local found
  found=$(curl -fsS -o /dev/null -D - -H "Accept-Encoding: $1" "http://$address/metrics" | tr -d '\r' |
    sed -n 's/^Content-Encoding: //p')
  [ "$found" = "$2" ] || { printf 'found "%s"\n' "$found"; return 1; }
}

promtool_is_content() {
  local words
  words=$(get /metrics | "$servers/prometheus/usr/bin/promtool" check metrics 2>&1) && [ -z "$words" ] && return
  printf '%s\n' "$words"
  return 1
}

python_parses() {
  curl -fsS -H 'Accept: application/openmetrics-text' "http://$address/metrics" | $python -c '
import sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
families = list(text_fd_to_metric_families(sys.stdin))
print(len(families))
sys.exit(0 if len(families) > 30 else 1)'
}

# Debian's Prometheus always likes OpenMetrics best, so this takes the field away on the way.
start_without_accept() {
  cat >"$work/without_accept.py" <<'PY'
import http.server, urllib.request
class Pass(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with urllib.request.urlopen("http://127.0.0.1:25587" + self.path) as answer:
            self.send_response(200)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.read())
    def log_message(self, *words): pass
http.server.HTTPServer(("127.0.0.1", 25600), Pass).serve_forever()
PY
  start without_accept $python "$work/without_accept.py"
  await_port without_accept 127.0.0.1 25600
}

start_prometheus() {
  cat >"$work/prometheus.yml" <<CONF
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: openmetrics, static_configs: [{targets: ["$address"]}]}
  - {job_name: plain, static_configs: [{targets: ["127.0.0.1:25600"]}]}
CONF
  start prometheus "$servers/prometheus/usr/bin/prometheus" --config.file="$work/prometheus.yml" \
    --storage.tsdb.path="$work/prometheus" --web.listen-address=127.0.0.1:9090 --log.level=warn \
    --web.console.templates="$work" --web.console.libraries="$work"
}

same_series() {
  printf '%s' 'count({__name__=~"mxhealth_.+|process_.+",job="openmetrics"}) == bool ' \
    'scalar(count({__name__=~"mxhealth_.+|process_.+",job="plain"}))'
}

prometheus_says() {
  local answer
  answer=$("$servers/prometheus/usr/bin/promtool" query instant http://127.0.0.1:9090 "$1" 2>&1)
  [[ "$answer" == *"=> $2 @["* ]] || { printf '%s\n' "$answer"; return 1; }
}

# --- crowds ---

crowds() {
  cat >"$work/crowd.py" <<'PY'
import socket, sys, time
def connect(): return socket.create_connection(("127.0.0.1", 25587))
idle = [connect() for _ in range(1000)]
slow = [connect() for _ in range(50)]
print("here", flush=True)
while True:
    for i, one in enumerate(slow):
        try:
            one.send(b"G")
        except OSError:
            slow[i] = connect()
    time.sleep(0.2)
PY
  ulimit -n 4096
  start crowd $python "$work/crowd.py"
  within 20 "1,000 idle and 50 slow clients are there" grep here "$work/crowd.log"
  local i
  for i in 1 2 3 4 5; do check "a scrape answers within a second" scrape_within_a_second; done
  stop crowd
}

scrape_within_a_second() { curl -fsS --max-time 1 "$@" -o /dev/null -w '%{time_total}\n' "http://$address/metrics"; }

# --- passwords ---

hash_of() { # hash_of PASSWORD: bcrypt; some 100 ms
  $python -W ignore -c 'import crypt, sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=2048)))' "$1"
}

status() { curl -s --max-time 10 -o /dev/null -w '%{http_code}' "$@"; }
has_status() {
  local wanted=$1
  shift
  equal "$(status "$@")" "$wanted"
}

passwords() {
  hash=$(hash_of "$password")
  serve "basic_auth_users: {prometheus: '$hash'}"
  within 10 "users come by a change of the file: no password, 401" has_status 401 "http://$address/metrics"
  check "the page asks for one" grep -i '^www-authenticate: Basic realm=' <(curl -sI "http://$address/")
  check "wrong password: 401" has_status 401 -u 'prometheus:wrong' "http://$address/metrics"
  check "unknown user: 401" has_status 401 -u "somebody:$password" "http://$address/metrics"
  check "every path is guarded" has_status 401 "http://$address/-/healthy"
  check "reload too" has_status 401 -X POST "http://$address/-/reload"
  check "right password: 200" has_status 200 -u "prometheus:$password" "http://$address/metrics"
  check "--healthcheck sees a live server" "$bin/mxhealth_exporter" --healthcheck --web.listen-address $address \
    --web.config.file "$work/web.yml"
  wrong_ones &
  local guessing=$! i
  for i in 1 2 3 4 5; do
    check "wrong logins all the while: a scrape answers within a second" scrape_within_a_second -u "prometheus:$password"
  done
  wait $guessing
  serve "basic_auth_users: {prometheus: 'not a hash'}"
  within 10 "a wrong file is said" grep -q 'event=web_config_reload_failed' "$work/exporter.log"
  check "and the old one stays" has_status 401 "http://$address/metrics"
  check "right password: still 200" has_status 200 -u "prometheus:$password" "http://$address/metrics"
  check "it was said once" equal "$(grep -c 'event=web_config_reload_failed' "$work/exporter.log")" 1
}

wrong_ones() { # 60, of which the most that are let through are hashed
  local i
  for i in $(seq 60); do curl -s --max-time 20 -o /dev/null -u "prometheus:$i" "http://$address/metrics" & done
  wait
}

doors_stay_shut() {
  serve '{}'
  within 10 "users cannot be taken away while it runs" grep -q 'are given up by a restart only' "$work/exporter.log"
  check "nobody gets in" has_status 401 "http://$address/metrics"
}

rate_limit() {
  doors_stay_shut
  serve '{}'
  stop exporter
  start_exporter
  serve 'rate_limit: {interval: 60s, burst: 3}'
  within 10 "too many requests: 429" has_status 429 "http://$address/-/healthy"
  check "told when to come again" grep -i '^retry-after: 60' <(curl -sI "http://$address/")
  serve 'http_server_config: {headers: {Strict-Transport-Security: max-age=600, X-Frame-Options: deny}}'
  within 10 "no limit any more" has_status 200 "http://$address/-/healthy"
  check "its headers" grep -i '^x-frame-options: deny' <(curl -sI "http://$address/")
  check "beside ours" grep -i '^x-content-type-options: nosniff' <(curl -sI "http://$address/")
}

# --- TLS ---

make_certificates() {
  mkdir "$work/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Test CA' \
    -keyout "$work/tls/ca.key" -out "$work/tls/ca.pem" 2>/dev/null
  certificate first 127.0.0.1
  certificate second 127.0.0.1
  certificate good client
  expired_certificate
  cp "$work/tls/first.pem" "$work/tls/server.pem"
  cp "$work/tls/first.key" "$work/tls/server.key"
}

request() { # request NAME: a key and a request
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$work/tls/$1.key" \
    -out "$work/tls/$1.csr" 2>/dev/null
}

certificate() { # certificate NAME WHAT: signed by the authority
  local name="DNS:$2.example.test"
  [ "$2" = client ] || name="IP:$2"
  request "$1"
  openssl x509 -req -in "$work/tls/$1.csr" -CA "$work/tls/ca.pem" -CAkey "$work/tls/ca.key" -CAcreateserial -days 1 \
    -extfile <(printf 'subjectAltName=%s\n' "$name") -out "$work/tls/$1.pem" 2>/dev/null
}

expired_certificate() {
  request expired
  : >"$work/tls/index"
  printf '[ca]\ndefault_ca=x\n[x]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\n' \
    "$work/tls/index" "$work/tls" >"$work/tls/ca.conf"
  printf 'commonName=supplied\n' >>"$work/tls/ca.conf"
  openssl ca -batch -config "$work/tls/ca.conf" -cert "$work/tls/ca.pem" -keyfile "$work/tls/ca.key" -notext \
    -startdate 20200101000000Z -enddate 20200201000000Z -in "$work/tls/expired.csr" -out "$work/tls/expired.pem" 2>/dev/null
}

https() { curl -s --max-time 10 --cacert "$work/tls/ca.pem" "$@"; }
https_status() { https -o /dev/null -w '%{http_code}' "$@" "https://$address/metrics"; }
https_says() {
  local wanted=$1
  shift
  equal "$(https_status "$@")" "$wanted"
}
served() {
  openssl s_client -connect $address </dev/null 2>/dev/null | openssl x509 -noout -fingerprint 2>/dev/null
}
fingerprint() { openssl x509 -noout -fingerprint -in "$work/tls/$1.pem"; }

tls() {
  local server='cert_file: tls/server.pem, key_file: tls/server.key'
  serve "tls_server_config: {$server}" "basic_auth_users: {prometheus: '$hash'}"
  within 10 "TLS comes by a change of the file" https_says 200 -u "prometheus:$password"
  check "and the password is still wanted" https_says 401
  check "plain HTTP is told so" has_status 400 "http://$address/metrics"
  check "HTTP/1.1 is agreed on" grep 'ALPN protocol: http/1.1' <(openssl s_client -alpn h2,http/1.1 -connect $address \
    </dev/null 2>&1)
  check "TLS 1.1 is not spoken" refuses_version -tls1_1
  check "the first certificate is served" equal "$(served)" "$(fingerprint first)"
  cp "$work/tls/second.key" "$work/tls/server.key"
  cp "$work/tls/second.pem" "$work/tls/server.pem"
  within 10 "a certificate replaced while running is served" serves second
  printf 'rubbish\n' >"$work/tls/server.pem"
  within 10 "a broken one is said" grep -q 'server.pem: holds no certificate' "$work/exporter.log"
  check "and the old one stays" serves second
  serve 'tls_server_config: {cert_file: tls/late.pem, key_file: "tls/late[1].key"}' "basic_auth_users: {prometheus: '$hash'}"
  within 10 "a certificate that is not there yet is said" grep -q 'late.pem: cannot be read' "$work/exporter.log"
  cp "$work/tls/first.pem" "$work/tls/late.pem"
  within 10 "nor is its key" grep -qF 'late[1].key: cannot be read' "$work/exporter.log"
  cp "$work/tls/first.key" "$work/tls/late[1].key"
  within 10 "once both are there they are served" serves first
  serve "tls_server_config: {$server}" "basic_auth_users: {prometheus: '$hash'}"
  cp "$work/tls/second.pem" "$work/tls/server.pem"
  within 10 "as is the other pair, when it is asked for again" serves second
  check "half a handshake is cut" half_a_handshake
  check "--healthcheck sees a live server" "$bin/mxhealth_exporter" --healthcheck --web.listen-address $address \
    --web.config.file "$work/web.yml"
  check "--config.check finds nothing" "$bin/mxhealth_exporter" --config.check --config.file "$work/mxhealth.yml" \
    --web.config.file "$work/web.yml"
}

serves() { equal "$(served)" "$(fingerprint "$1")"; }
refuses_version() { ! openssl s_client "$1" -cipher ALL:@SECLEVEL=0 -connect $address </dev/null; }

# The first octets of a ClientHello, and nothing more.
half_a_handshake() {
  timeout 15 $python -c '
import socket, sys, time
one = socket.create_connection(("127.0.0.1", 25587))
one.send(b"\x16\x03\x01\x02\x00\x01")
begin = time.monotonic()
one.settimeout(12)
try:
    while one.recv(100): pass
except ConnectionResetError: pass
took = time.monotonic() - begin
print("cut after %.1f s" % took)
sys.exit(0 if 3 < took < 9 else 1)'
}

client_certificates() {
  serve 'tls_server_config: {cert_file: tls/server.pem, key_file: tls/server.key, client_ca_file: tls/ca.pem,' \
    '  client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [client.example.test]}'
  within 10 "clients need a certificate" lets_in_not
  check "a good one gets in" https_says 200 --cert "$work/tls/good.pem" --key "$work/tls/good.key"
  check "an expired one does not" lets_in_not --cert "$work/tls/expired.pem" --key "$work/tls/expired.key"
  check "one of another name does not" lets_in_not --cert "$work/tls/first.pem" --key "$work/tls/first.key"
  check "--healthcheck sees a live server" "$bin/mxhealth_exporter" --healthcheck --web.listen-address $address \
    --web.config.file "$work/web.yml"
}

lets_in_not() { https_says 000 "$@"; }

# A socket that systemd opened, with TLS and users over it.
socket_of_systemd() {
  local bare=127.0.0.1:25588
  which systemd-socket-activate >/dev/null || { printf 'left out: no systemd-socket-activate\n'; return; }
  serve 'tls_server_config: {cert_file: tls/server.pem, key_file: tls/server.key}' "basic_auth_users: {prometheus: '$hash'}"
  start socket systemd-socket-activate -l $address -l $bare "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" \
    --web.systemd-socket --web.config.file "$work/web.yml"
  within 20 "systemd's socket: TLS and the password are spoken" https_says 200 -u "prometheus:$password"
  check "on the second socket, too" equal \
    "$(https -o /dev/null -w '%{http_code}' -u "prometheus:$password" "https://$bare/metrics")" 200
  check "nobody gets in without a password" https_says 401
  check "nor by plain HTTP" has_status 400 "http://$address/metrics"
  stop socket
  check "SIGTERM: status 0" equal $stopped_with 0
  check "without sockets from systemd: status 1, named" socketless
}

socketless() {
  local words
  words=$(timeout 20 "$bin/mxhealth_exporter" --config.file "$work/mxhealth.yml" --web.systemd-socket 2>&1 </dev/null)
  [ $? = 1 ] && grep 'none were passed' <<<"$words"
}

# Neither the log nor a page shows a password, a hash or a line of a key.
secrets() {
  local key secret
  key=$(sed -n 2p "$work/tls/server.key")
  https --cert "$work/tls/good.pem" --key "$work/tls/good.key" "https://$address/metrics" "https://$address/" >"$work/shown"
  cat "$work/exporter.log" >>"$work/shown"
  check "there is something to look at" grep -q 'mxhealth_build_info' "$work/shown"
  for secret in "$password" "$hash" "$key" 'not a hash'; do
    check "no secret is shown" absent "$secret"
  done
}
absent() { ! grep -F -- "$1" "$work/shown"; }

main
