"""A fire drill: breaks mail one way after the other, and shows which page came, after how long, and what it said.

Everything is real but the mail world: exporters, Prometheus and Alertmanager with the rules and routes of dashboards/, only
that time passes faster (speed_up.py). Called by deploy/drill.sh, which makes the network namespace this runs in.
Exit 0: every page came as it should, and no other.
"""
import argparse
import contextlib
import signal
import sys
import time

from faults import EGRESS, FAULTS, ONE_OF_THREE, TWO_OF_THREE
from stage import Stage, VANTAGES, at, firewall, until

PAGE_LIMIT = 120  # seconds for a page to come, and for one to be over
LONG_ENOUGH = 50  # seconds in which a page that must not come would have come: those of unreachable domains take 35
_, MIDDLE, LAST = (f"127.0.0.{octet}" for octet in VANTAGES.values())


class Drill:
    def __init__(self, stage):
        self.stage, self.pager, self.failures, self.expected = stage, stage.pager, 0, []

    def say(self, good, what, detail=""):
        self.failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {what}" + (f"\n       {detail}" if detail else ""), flush=True)

    def arrived(self, fault, since, firing=True):
        return [one for one in self.pager.since(since, "page", firing)
                if one.name == fault.page and fault.labels.items() <= one.labels.items()]

    def break_it(self, fault):
        self.expected.append(fault)
        self.stage.order(fault.breaks)
        return time.monotonic()

    def mend(self, fault):
        self.stage.order(fault.mends)
        return time.monotonic()

    def await_page(self, fault, broken):
        """The page, and that it names the cause as soon as it comes."""
        with contextlib.suppress(TimeoutError):
            until(broken + PAGE_LIMIT - time.monotonic(), fault.page, lambda: self.arrived(fault, broken))
        pages = self.arrived(fault, broken)
        if not pages:
            self.say(False, f"{fault.name}: {fault.about}: no {fault.page} in {PAGE_LIMIT} s")
            return
        page = pages[0]
        self.say(fault.says in page.text, f"{fault.name}: {fault.about}: {page.name} after {page.at - broken:.0f} s",
                 page.text + ("" if fault.says in page.text else f"   (nothing of {fault.says})"))

    def await_end(self, fault, mended):
        with contextlib.suppress(TimeoutError):
            until(mended + PAGE_LIMIT - time.monotonic(), "over", lambda: self.arrived(fault, mended, firing=False))
        over = self.arrived(fault, mended, firing=False)
        self.say(bool(over), f"{fault.name}: mended, and over" + (f" after {over[0].at - mended:.0f} s" if over else ": never"))

    def no_other(self, what, since):
        """Nobody was paged for anything that was not broken."""
        strangers = {str(one) + ": " + one.text for one in self.pager.since(since, "page")
                     if not any(fault.page == one.name and fault.labels.items() <= one.labels.items()
                                for fault in self.expected)}
        self.say(not strangers, what, "\n       ".join(sorted(strangers)))

    def one_by_one(self, faults):
        for fault in faults:
            if fault is EGRESS:
                self.egress()
                continue
            self.await_page(fault, self.break_it(fault))
            self.await_end(fault, self.mend(fault))
        self.no_other("no other page came", 0)

    def at_once(self, faults):
        """All of them, and meanwhile what only some of three vantages see."""
        broken = {fault: self.break_it(fault) for fault in faults if fault is not EGRESS}
        if self.stage.options.vantages == 3:
            broken[TWO_OF_THREE] = self.cut_off_some()
        for fault, since in broken.items():
            self.await_page(fault, since)
        self.no_other("no other page came, none for what one of three vantages sees", 0)
        firewall()
        mended = {fault: self.mend(fault) for fault in broken}
        if self.stage.options.vantages == 3:
            firewall(f"ip saddr {LAST} tcp dport 25")
        for fault, since in mended.items():
            self.await_end(fault, since)
        if self.stage.options.vantages == 3:
            self.blind_vantage(min(mended.values()))
        firewall()
        if EGRESS in faults:
            until(30, "every vantage sees again", self.stage.all_well)
            self.egress()

    def cut_off_some(self):
        two, one = (self.stage.address_of("mx." + fault.domain) for fault in (TWO_OF_THREE, ONE_OF_THREE))
        self.expected.append(TWO_OF_THREE)
        firewall(f"ip saddr {{ {MIDDLE}, {LAST} }} ip daddr {two} tcp dport 25",
                 f"ip saddr {LAST} ip daddr {one} tcp dport 25")
        return time.monotonic()

    def blind_vantage(self, since):
        """One of three whose own port 25 is blocked: a ticket about it, and no page."""
        time.sleep(max(0, since + LONG_ENOUGH - time.monotonic()))
        tickets = [one for one in self.pager.since(since, "ticket") if one.name == EGRESS.page]
        self.say({one.labels["instance"] for one in tickets} == {at("c")}, "one vantage's port 25 is blocked: a ticket",
                 tickets[0].text if tickets else "none came")
        self.no_other("and no page", 0)

    def egress(self):
        """Our own port is blocked, for every vantage: one page, whatever number of domains."""
        broken = time.monotonic()
        firewall("tcp dport 25")
        self.expected.append(EGRESS)
        self.await_page(EGRESS, broken)
        time.sleep(max(0, broken + LONG_ENOUGH - time.monotonic()))
        pages = self.pager.since(broken, "page")
        self.say(len(pages) == 1, "egress: it is the only page", "\n       ".join(map(str, pages)))
        firewall()
        self.await_end(EGRESS, time.monotonic())

    def end(self):
        firing = self.pager.still_firing("page")
        self.say(not firing, "nothing pages any more", "\n       ".join(map(str, firing)))
        self.say(not self.stage.disobeyed(), "the lab understood every order", self.stage.disobeyed())
        print("Tickets meanwhile: " + (", ".join(sorted({str(one) for one in self.pager.since(0, "ticket")})) or "none"))


def options_of(arguments):
    parser = argparse.ArgumentParser()
    for program in ("lab", "exporter", "prometheus", "alertmanager", "work"):
        parser.add_argument("--" + program, required=True)
    parser.add_argument("--vantages", type=int, choices=(1, 3), default=1)
    parser.add_argument("--speed", type=float, default=15)
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("faults", nargs="*")
    return parser.parse_args(arguments)


def chosen(names):
    known = {fault.name: fault for fault in [*FAULTS, EGRESS]}
    wrong = [name for name in names if name not in known]
    if wrong:
        sys.exit(f"drill: no fault is called {wrong[0]}; there are: {' '.join(known)}")
    return [known[name] for name in names] or list(known.values())


def main():
    options = options_of(sys.argv[1:])
    faults = chosen(options.faults)
    stage = Stage(options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        stage.open()
        drill = Drill(stage)
        (drill.at_once if options.at_once else drill.one_by_one)(faults)
        drill.end()
        return min(drill.failures, 1)
    except (TimeoutError, OSError) as trouble:
        print(f"FAIL {trouble}\n{stage.last_words()}")
        return 1
    finally:
        stage.stop()


if __name__ == "__main__":
    sys.exit(main())
