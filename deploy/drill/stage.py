"""The stage of a fire drill: what runs, where it listens, and how it is told to break."""
import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.request

from pager import Pager
from speed_up import speed_up

HERE = os.path.dirname(os.path.abspath(__file__))
SHIPPED = os.path.join(HERE, "..", "..", "dashboards")
PROMETHEUS, ALERTMANAGER, HOOK = "127.0.0.1:9090", "127.0.0.1:9093", ("127.0.0.1", 9095)
VANTAGES = {"a": 11, "b": 12, "c": 13}  # the last octet of the address each probes from and listens on


class Stage:
    """What runs: the lab, one exporter for each vantage, Prometheus, Alertmanager and the pager."""

    def __init__(self, options):
        self.options, self.work, self.running = options, options.work, []
        self.pager = Pager(HOOK)

    def start(self, name, *command):
        log = open(os.path.join(self.work, name + ".log"), "w", encoding="utf-8")
        self.running.append(subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def stop(self):
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def shipped(self, name):
        with open(os.path.join(SHIPPED, name), encoding="utf-8") as file:
            return speed_up(file.read(), self.options.speed)

    def open(self):
        self.start("lab", self.options.lab, "--mx-port", "25", "--submission-port", "587", "--submissions-port", "465",
                   "--config-out", self.path("lab.yml"), "--ready-file", self.path("lab.ready"), "--control",
                   self.path("orders"), os.path.join(HERE, "world.yml"))
        until(20, "the lab plays", lambda: os.path.exists(self.path("lab.ready")))
        for vantage in self.vantages():
            self.start_exporter(vantage)
        self.start_alertmanager()
        self.start_prometheus()
        until(60, "every exporter is ready", lambda: all(get(f"{at(v)}/-/ready") for v in self.vantages()))
        until(30, "every domain is well", self.all_well)
        until(20, "Prometheus and Alertmanager are at work", lambda: self.pager.since(0, "watchdog"))

    def vantages(self):
        return list(VANTAGES)[: self.options.vantages]

    def start_exporter(self, vantage):
        with open(self.path("lab.yml"), encoding="utf-8") as file:
            config = file.read().replace("global:\n", f"global:\n  source_addresses: [127.0.0.{VANTAGES[vantage]}]\n", 1)
        self.start("exporter-" + vantage, self.options.exporter, "--config.file",
                   self.write(f"exporter-{vantage}.yml", config), "--web.listen-address", at(vantage))

    def start_alertmanager(self):
        self.start("alertmanager", self.options.alertmanager, "--config.file",
                   self.write("alertmanager.yml", self.shipped("alertmanager/alertmanager.yml")), "--storage.path",
                   self.path("alertmanager"), "--web.listen-address", ALERTMANAGER, "--cluster.listen-address=")

    def start_prometheus(self):
        for name in os.listdir(os.path.join(SHIPPED, "prometheus", "rules")):
            if name.endswith(".yml"):
                self.write("rules_" + name, self.shipped("prometheus/rules/" + name))
        scraped = "".join(f"      - {{targets: ['{at(v)}'], labels: {{vantage: {v}}}}}\n" for v in self.vantages())
        config = self.write("prometheus.yml", f"""\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{self.path("rules_*.yml")}]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{ALERTMANAGER}']}}]}}]}}
scrape_configs:
  - job_name: mxhealth
    static_configs:
{scraped}""")
        self.start("prometheus", self.options.prometheus, "--config.file", config, "--storage.tsdb.path",
                   self.path("prometheus"), "--web.listen-address", PROMETHEUS, "--rules.alert.resend-delay", "4s",
                   "--log.level", "warn")

    def all_well(self):
        return all(re.search(r"^mxhealth_domain_verdict\{", metrics, re.M) and
                   not re.search(r'^mxhealth_domain_verdict\{.*verdict="(?!ok")\w+"\} 1', metrics, re.M) and
                   len(re.findall(r"^mxhealth_egress_canaries_up\{.*\} 2", metrics, re.M)) >= 1
                   for metrics in (get(f"{at(v)}/metrics") for v in self.vantages()))

    def order(self, orders):
        pipe = os.open(self.path("orders"), os.O_WRONLY | os.O_NONBLOCK)  # fails when the lab is gone
        for order in orders:
            os.write(pipe, (order + "\n").encode())
        os.close(pipe)

    def disobeyed(self):
        with open(self.path("lab.log"), encoding="utf-8") as log:
            return "\n".join(line.strip() for line in log if line.startswith("mxhealth_lab:"))

    def last_words(self):
        words = []
        for name in sorted(os.listdir(self.work)):
            if name.endswith(".log"):
                with open(self.path(name), encoding="utf-8", errors="replace") as log:
                    words += [f"--- {name}\n", *log.readlines()[-8:]]
        return "".join(words)

    def address_of(self, server):
        found = re.search(rf'^mxhealth_address_up\{{server="{re.escape(server)}".*address="([^"]+)"',
                          get(f"{at(self.vantages()[0])}/metrics"), re.M)
        return found[1]


def at(vantage):
    return f"127.0.0.{VANTAGES[vantage]}:25587"


def get(place):
    try:
        with urllib.request.urlopen("http://" + place, timeout=5) as answer:
            return answer.read().decode() or "yes"
    except OSError:
        return ""


def until(limit, what, holds):
    end = time.monotonic() + limit
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {limit} s: {what}")
        time.sleep(0.2)


def firewall(*rules):
    """Drops what these rules match; none: nothing any more."""
    table = "table inet drill {}\ndelete table inet drill\n"
    if rules:
        drops = "\n".join(rule + " drop" for rule in rules)
        table += f"table inet drill {{\n chain out {{\n type filter hook output priority 0;\n{drops}\n }}\n}}\n"
    subprocess.run(["nft", "-f", "-"], input=table, text=True, check=True)
