# Runs inside the Debian that package_test.sh boots, as root, with the lab for the world: the unit, its sandbox, and what
# an administrator does with them. Its last line says whether all held.
source "$(dirname "$0")/lib.sh"

unit=mxhealth_exporter.service
config=/etc/mxhealth_exporter/mxhealth.yml
work=/run/checks

main() {
  mkdir -p $work
  installs || { systemctl status $unit; return; }
  probes && { reloads; upgrades; takes_sockets; }
  purges
  if [ $failures -eq 0 ]; then echo "checks: all held"; else journalctl -q -u $unit | tail -n 60; fi
}

installs() {
  check "dpkg installs it" dpkg -i /packages/*_0.1.0_*.deb
  check "it runs at once, though nothing is configured" systemctl is-active $unit
  check "and is enabled" systemctl is-enabled $unit
  check "systemd-analyze verify prints nothing" prints_nothing systemd-analyze verify $unit
  check "and nothing about the socket" prints_nothing systemd-analyze verify mxhealth_exporter.socket
  check "its exposure is at most 2.0" systemd-analyze security --threshold=20 $unit
  check "it runs as its own user" equal "$(ps_of user)" mxhealth
  check "without capabilities" equal "$(awk '/^CapEff/ {print $2}' "/proc/$(main_pid)/status")" 0000000000000000
  check "--healthcheck finds it healthy" mxhealth_exporter --healthcheck
}

main_pid() { systemctl show -P MainPID $unit; }
ps_of() { stat -c %U "/proc/$(main_pid)"; }
metric() { curl -fsS --max-time 5 http://127.0.0.1:25587/metrics | grep -F -- "$1"; }
since_boot() { journalctl -q -u $unit; }

# What the sandbox forbids would show here: DNS, TLS, time stamps of the kernel, its own metrics.
probes() {
  export TMPDIR=$work
  start lab "$bin/mxhealth_lab" --config-out $work/lab.yml --ready-file $work/ready --interval 5s \
    "$root/tests/lab/scenarios/demo.yml"
  within 20 "the lab plays" test -e $work/ready || { cat $work/lab.log; return 1; }
  bring_secrets
  cat $work/lab.yml >$config
  check "systemctl reload takes a new configuration" systemctl reload $unit
  within 30 "a healthy domain is ok" metric 'mxhealth_domain_verdict{domain="healthy.example",role="mx",verdict="ok"} 1'
  within 60 "a refused one is not" metric 'domain="refused.example",role="mx",cause="connect_refused"'
  within 60 "certificates are judged" metric 'domain="expired-certificate.example",role="mx",cause="cert_expired"'
  check "its own metrics know when it started" metric 'process_start_time_seconds'
  check "it may open more descriptors than others" fails metric 'process_max_fds 1024'
  check "nothing was refused by the sandbox" fails grep -E 'Operation not permitted|Permission denied' <(since_boot)
}

# The lab's certificate authority and password, where and as the package's configuration wants such files.
bring_secrets() {
  install -D -o root -g mxhealth -m 0640 -t /etc/mxhealth_exporter/lab $work/mxhealth-lab.*/*
  chown root:mxhealth /etc/mxhealth_exporter/lab
  chmod 0750 /etc/mxhealth_exporter/lab
  sed -i "s#$work/mxhealth-lab[^/]*#/etc/mxhealth_exporter/lab#" $work/lab.yml
}

reloads() {
  local pid
  pid=$(main_pid)
  printf 'colour: red\n' >$config
  check "systemctl reload refuses a broken one" fails systemctl reload $unit
  check "and goes on as before" equal "$(main_pid)" "$pid"
  check "with the old configuration" metric 'mxhealth_domain_verdict{domain="healthy.example"'
}

# A broken configuration must not cost the monitoring on top.
upgrades() {
  local pid
  pid=$(main_pid)
  check "an upgrade with a broken configuration goes through" dpkg -i /packages/*_99.0.0_*.deb
  check "and leaves alone what runs" equal "$(main_pid)" "$pid"
  cat $work/lab.yml >$config
  printf 'ARGS="--log.format=json"\n' >/etc/default/mxhealth_exporter
  check "one with a good configuration" dpkg -i --force-confold /packages/*_99.0.0_*.deb
  check "starts it anew" fails equal "$(main_pid)" "$pid"
  check "with the flags of the defaults file" grep '"event":"listening"' <(since_boot)
  check "and keeps what the administrator wrote" cmp $work/lab.yml $config
}

takes_sockets() {
  printf 'ARGS="--web.systemd-socket"\n' >/etc/default/mxhealth_exporter
  systemctl stop $unit
  check "the socket unit starts" systemctl start mxhealth_exporter.socket
  check "and the first scrape the exporter" metric process_start_time_seconds
  check "which took its port from systemd" systemctl is-active $unit
}

purges() {
  check "dpkg removes it" dpkg -r mxhealth-exporter
  check "it is stopped" fails curl -fsS --max-time 5 http://127.0.0.1:25587/-/healthy
  check "its configuration stays" test -e $config
  rm -rf /etc/mxhealth_exporter/lab # the administrator's own
  check "dpkg purges it" dpkg -P mxhealth-exporter
  check "nothing of it is left" prints_nothing find /etc /lib/systemd /usr /var/lib/systemd -path '*mxhealth*'
  check "nor its user" fails grep mxhealth /etc/passwd /etc/group
  stop lab
}

main
