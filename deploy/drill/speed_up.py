"""Makes a day of monitoring pass in minutes: divides every duration of Prometheus' rules and Alertmanager's routes.

    speed_up.py FACTOR FILE…    the same files with shorter waits and windows, on stdout

Works on the text, so that the drill tries the very rules that are shipped and no second copy of them. Thresholds, names and
the exporter's own times stay.
"""
import re
import sys

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
SHORTEST = 1000  # one scrape
DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
WAITS = "for|keep_firing_for|interval|group_wait|group_interval|repeat_interval|resolve_timeout"
PLACES = re.compile(rf"(?P<before>\[|\boffset |^\s*(?:- )?(?:{WAITS}): )(?P<duration>{DURATION})(?P<after>\]|\b)", re.M)


def shorter(duration, factor):
    """"5m" with a factor of 15 is "20000ms"; "0s" stays."""
    long = sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))
    return f"{max(round(long / factor), SHORTEST)}ms" if long else "0s"


def speed_up(text, factor):
    return PLACES.sub(lambda at: at["before"] + shorter(at["duration"], factor) + at["after"], text)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            print(speed_up(file.read(), float(sys.argv[1])), end="")
