#!/usr/bin/env python3
"""What no tool checks of the rules: that alerts, tests, runbooks, links and metrics belong together.

  check_rules.py DASHBOARDS METRICS SCRAPE…   DASHBOARDS holds prometheus/ and runbooks/, METRICS exporter/metrics

Every alert has a test that fires with annotations and one that stays silent, a runbook, a dashboard and a link to each;
no text that changes is a label; every metric asked for is in a scrape, in the exporter's tables, or recorded by a rule.
Complaints go to stdout; exit 1 when there is one. It needs python3-yaml.
"""
import pathlib
import re
import sys

import yaml

BASE = "https://mxhealth.invalid"
SEVERITIES = {"critical", "warning", "info", "none"}
DASHBOARDS = {"mxhealth-overview", "mxhealth-domain", "mxhealth-exporter"}
FOREIGN = {"up", "ALERTS"}  # Prometheus' own
VARYING = {"cause", "enhanced_status", "side", "verdict", "list", "value"}

complaints = []


def complain(text):
    complaints.append(text)


def documents(directory):
    files = sorted(directory.glob("*.yml"))
    if not files:
        complain(f"{directory}: no .yml file")
    return [(file, yaml.safe_load(file.read_text())) for file in files]


def rules_of(directory):
    return [(file.name, rule) for file, document in documents(directory)
            for group in document["groups"] for rule in group["rules"]]


def check_alert(place, rule, runbooks):
    name, labels, notes = rule["alert"], rule.get("labels", {}), rule.get("annotations", {})
    where = f"{place}: {name}"
    if not re.fullmatch(r"MXHealth[A-Z][A-Za-z]+", name):
        complain(f"{where}: the name does not begin with MXHealth")
    if labels.get("severity") not in SEVERITIES:
        complain(f"{where}: severity is {labels.get('severity')!r}")
    for label in VARYING & set(labels):
        complain(f"{where}: {label} is a label, and when it changes the wait begins anew")
    if any("{{" in str(value) for value in labels.values()):
        complain(f"{where}: a label is a template")
    for note in ("summary", "description", "runbook_url", "dashboard_url"):
        if not notes.get(note):
            complain(f"{where}: no {note}")
    if "{{" in notes.get("summary", ""):
        complain(f"{where}: the summary is a template, so alerts cannot be grouped by it")
    if notes.get("runbook_url") != f"{BASE}/runbooks/{name}.md":
        complain(f"{where}: runbook_url is {notes.get('runbook_url')!r}")
    dashboard = re.fullmatch(re.escape(BASE) + r"/d/([a-z-]+)(\?var-(\w+)=\{\{ \$labels\.\3 \}\})?",
                             notes.get("dashboard_url", ""))
    if not dashboard or dashboard[1] not in DASHBOARDS:
        complain(f"{where}: dashboard_url is {notes.get('dashboard_url')!r}")
    if not (runbooks / f"{name}.md").is_file():
        complain(f"{where}: no runbook {name}.md")


def check_runbooks(alerts, runbooks):
    for file in sorted(runbooks.glob("MXHealth*.md")):
        if file.stem not in alerts:
            complain(f"{file}: no alert of that name")


def check_tests(alerts, directory):
    """Every severity of every alert fires in a test with all annotations, and is seen silent; a lost scrape is tried."""
    fired, silent, lossy = set(), set(), set()
    for file, document in documents(directory):
        for test in document["tests"]:
            loses = any(re.search(r"\bstale\b|(?<!\S)_", str(series["values"])) for series in test["input_series"])
            for check in test.get("alert_rule_test", []):
                alert = check["alertname"]
                if alert not in alerts:
                    complain(f"{file.name}: {alert} is tested, but there is no such alert")
                if not check["exp_alerts"]:
                    silent.add(alert)
                for expected in check["exp_alerts"]:
                    if set(expected.get("exp_annotations", {})) == {"summary", "description", "runbook_url",
                                                                    "dashboard_url"}:
                        fired.add((alert, expected["exp_labels"].get("severity")))
                    if loses:
                        lossy.add(alert)
    for alert, severities in sorted(alerts.items()):
        for severity in sorted(severities):
            if (alert, severity) not in fired:
                complain(f"{alert}: no test lets it fire with severity {severity} and its annotations")
        if "none" in severities:  # the watchdog: always on
            continue
        if alert not in silent:
            complain(f"{alert}: no test sees it silent")
        if alert not in lossy:
            complain(f"{alert}: no test lets it survive a lost scrape")


def metrics_in(text):
    """The names of metrics in PromQL or in a template around it."""
    return set(re.findall(r"(?<![\w:])((?:[a-z_]+:)?mxhealth_[a-z0-9_]+(?::[a-z0-9_]+)?)(?![\w:])", text))


def check_metrics(rules, metrics, scrapes):
    known = set(FOREIGN)
    for file in metrics.glob("*.cpp"):
        source = file.read_text()
        known |= {"mxhealth_" + name for name in re.findall(r'\{\{"([a-z0-9_]+)", Type::', source)}
        known |= set(re.findall(r'"(mxhealth_[a-z0-9_]+)"', source))
    for scrape in scrapes:
        known |= set(re.findall(r"^([a-zA-Z_:][\w:]*)[{ ]", scrape.read_text(), re.MULTILINE))
    known |= {rule["record"] for _, rule in rules if "record" in rule}
    for place, rule in rules:
        texts = [rule["expr"], *rule.get("annotations", {}).values()]
        for name in sorted(set().union(*(metrics_in(str(text)) for text in texts))):
            plain = re.sub(r"_(bucket|sum|count)$", "", name)
            if name not in known and plain not in known:
                complain(f"{place}: {rule.get('alert') or rule['record']} asks for {name}, which nobody serves")


def main():
    if len(sys.argv) < 4:
        print(__doc__)
        return 2
    dashboards, metrics = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rules = rules_of(dashboards / "prometheus" / "rules")
    runbooks = dashboards / "runbooks"
    alerts = {}
    for place, rule in rules:
        if "alert" in rule:
            check_alert(place, rule, runbooks)
            alerts.setdefault(rule["alert"], set()).add(rule.get("labels", {}).get("severity"))
    check_runbooks(alerts, runbooks)
    check_tests(alerts, dashboards / "prometheus" / "tests")
    check_metrics(rules, metrics, [pathlib.Path(name) for name in sys.argv[3:]])
    for complaint in complaints:
        print(complaint)
    print(f"{len(alerts)} alerts, {len(rules)} rules, {len(complaints)} complaints")
    return 1 if complaints or not alerts else 0


if __name__ == "__main__":
    sys.exit(main())
