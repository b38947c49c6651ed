#!/usr/bin/env python3
"""Picks samples out of a scrape: metrics.py SCRAPE 'name{label="value",…}' [LABEL…]

Prints the value of every sample that has the name and at least these labels, one a line; with LABELs their values instead,
separated by spaces. Exit 1 if there is no such sample. Understands as much of the text format as the exporter writes.
"""
import re
import sys

LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')
SAMPLE = re.compile(r'([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})?\s*(\S+)?$')


def parse(line):
    match = SAMPLE.match(line)
    if not match:
        sys.exit(f"not a sample: {line!r}")
    return match[1], dict(LABEL.findall(match[2] or "")), match[3]


def main():
    scrape, selector, *wanted_labels = sys.argv[1:]
    name, labels, _ = parse(selector)
    found = False
    with open(scrape, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith(name) or line.startswith("#"):
                continue
            sample_name, sample_labels, value = parse(line.rstrip("\n"))
            if sample_name == name and labels.items() <= sample_labels.items():
                found = True
                print(" ".join(sample_labels.get(label, "") for label in wanted_labels) if wanted_labels else value)
    sys.exit(0 if found else 1)


main()
