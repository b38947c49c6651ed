#!/usr/bin/env python3
"""Gives mail to the senders of senders.sh, reads their logs, and compares with a scrape of the exporter.

  senders.py send DOMAINS POSTFIX_PORT POLICY=EXIM_PORT…   one message to user@ each domain of the file, by either sender
  senders.py waiting DOMAINS WORK                          domains whose first attempt has not ended; exit 1 if any
  senders.py compare DOMAINS WORK SCRAPE                   a table of what differs; exit 1 if anything does

The first label of a domain is the TLS policy: Postfix sees it in the envelope sender, Exim in the port. WORK holds the
senders' homes, sender/ and exim-POLICY/.
"""
import pathlib
import re
import smtplib
import sys

SENDERS = ("postfix", "exim")
POSTFIX = re.compile(r"to=<user@([^>]+)>,.* dsn=([0-9.]+), status=(\w+) \((.*)\)$")
POSTFIX_OUTCOME = {"sent": "deliver", "deferred": "defer", "bounced": "bounce"}
EXIM = re.compile(r"^\S+ \S+ \S+ (=>|==|\*\*) user@(\S+?):? (.*)$")
EXIM_OUTCOME = {"=>": "deliver", "==": "defer", "**": "bounce"}
FORECAST = re.compile(r"^mxhealth_domain_delivery_info\{(.*)\} 1$")
LABEL = re.compile(r'(\w+)="([^"]*)"')
# Subjects of RFC 3463; a status of another is none that RFC 5248 lists, and the label reads `other`.
KNOWN_STATUS = re.compile(r"[245]\.[0-7]\.\d+$")


def domains_in(file):
    return pathlib.Path(file).read_text(encoding="ascii").split()


def send(file, postfix_port, *exim_ports):
    domains = domains_in(file)
    for policy, port in (pair.split("=") for pair in exim_ports):
        hand_over(port, [domain for domain in domains if domain.startswith(f"{policy}.")])
    hand_over(postfix_port, domains)


def hand_over(port, domains):
    with smtplib.SMTP("127.0.0.1", int(port), local_hostname="client.example.test", timeout=60) as server:
        for domain in domains:
            sender = f"{domain.split('.')[0]}@sender.test"
            server.sendmail(sender, f"user@{domain}", f"From: {sender}\r\nSubject: cross-check\r\n\r\nhello\r\n")


def lines(path):
    if not path.exists():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def said(work):
    """(domain, sender) -> outcome, status (Postfix's DSN), the log's own words; of the first attempt."""
    first = {}
    for match in filter(None, map(POSTFIX.search, lines(work / "sender/log/mail.log"))):
        domain, status, outcome, words = match.groups()
        first.setdefault((domain, "postfix"), (POSTFIX_OUTCOME[outcome], status, words))
    for log in sorted(work.glob("exim-*/log/mainlog")):
        for match in filter(None, map(EXIM.match, lines(log))):
            mark, domain, words = match.groups()
            first.setdefault((domain, "exim"), (EXIM_OUTCOME[mark], "", words))
    return first


def forecast(scrape):
    """(domain, sender) -> outcome, status; as the exporter says it."""
    series = {}
    for match in filter(None, map(FORECAST.match, lines(pathlib.Path(scrape)))):
        labels = dict(LABEL.findall(match[1]))
        series.setdefault((labels["domain"], labels["sender"]), []).append((labels["outcome"], labels["enhanced_status"]))
    return series


def waiting(file, work):
    ended = said(pathlib.Path(work))
    missing = [f"{domain} {sender}" for domain in domains_in(file) for sender in SENDERS if (domain, sender) not in ended]
    print(*missing, sep="\n")
    return not missing


def agrees(sender, outcome, status, we_say):
    """Exim logs no status of its own, so only its outcome counts."""
    if len(we_say) != 1 or we_say[0][0] != outcome:
        return False
    return sender != "postfix" or we_say[0][1] == (status if KNOWN_STATUS.match(status) else "other")


def compare(file, work, scrape):
    theirs, ours = said(pathlib.Path(work)), forecast(scrape)
    differences, compared = [], 0
    for domain in domains_in(file):
        for sender in SENDERS:
            compared += 1
            outcome, status, words = theirs.get((domain, sender), ("nothing", "", ""))
            we_say = ours.get((domain, sender), [])
            if not agrees(sender, outcome, status, we_say):
                policy, scenario = domain.split(".")[:2]
                we_say = " and ".join(map(" ".join, we_say)) or "nothing"
                differences.append((scenario, policy, f"{sender}: {outcome} {status}", we_say, words))
    if differences:
        print_table([("SCENARIO", "POLICY", "SENDER SAID", "WE SAY", "ITS LOG")] + sorted(differences))
    print(f"{compared - len(differences)} of {compared} agree")
    return not differences


def print_table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for *cells, words in rows:
        print(*(cell.ljust(width) for cell, width in zip(cells, widths)), words[:100], sep="  ")


def main():
    command, *arguments = sys.argv[1:]
    done = {"send": send, "waiting": waiting, "compare": compare}[command](*arguments)
    sys.exit(done is False)


if __name__ == "__main__":
    main()
