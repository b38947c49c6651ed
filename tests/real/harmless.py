#!/usr/bin/env python3
"""Whether what came from hostile hosts is shown harmlessly: harmless.py page|json|text|log|json_log FILE, or
harmless.py terminal COMMAND…, which runs the command on a terminal of its own. Says what harms, with exit code 1.

Nowhere: control characters, marks that change the direction of text or cannot be seen, octets that are no UTF-8.
On a page: only elements and attributes that our pages have. On a terminal: only colours, bold and the redrawn line.
"""
import html.parser
import json
import os
import pty
import re
import sys
import unicodedata

ELEMENTS = set(
    "html head meta title link body header footer main nav section article h1 h2 h3 h4 h5 p a span code pre b strong em ul ol"
    " li dl dt dd table caption thead tbody tr th td form label input select option button details summary abbr time div"
    " svg rect line text g path small br".split()
)
LARGEST = 1 << 20  # of what a hostile host can make us write


def fail(words):
    print(words)
    sys.exit(1)


def characters(octets, allowed="\n"):
    if not octets:
        fail("nothing to look at")
    if len(octets) > LARGEST:
        fail(f"{len(octets)} octets")
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        fail(f"no UTF-8: {error}")
    for at, one in enumerate(text):
        if one not in allowed and unicodedata.category(one) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
            fail(f"U+{ord(one):04X} in {text[max(0, at - 60):at + 60]!r}")
    return text


class Page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag not in ELEMENTS:
            fail(f"<{tag}> at {self.getpos()}")
        for name, value in attributes:
            if name.startswith("on") or name == "style" or not re.fullmatch("[a-z0-9-]+", name, re.I):
                fail(f"<{tag} {name}=…> at {self.getpos()}")
            if name in ("href", "src", "action") and not re.match("(https?://|/|#|[?]|data:,$)", value or ""):
                fail(f"{name}={value!r} at {self.getpos()}")

    def handle_comment(self, text):
        fail(f"a comment: {text!r}")


def page(octets):
    text = characters(octets)
    Page().feed(text)


def strings(value):
    if isinstance(value, str):
        characters(value.encode("utf-8", "surrogatepass") or b" ", "")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        strings(one)


def document(octets):
    value = json.loads(characters(octets))
    strings(value)


def lines_of_json(octets):
    for line in octets.splitlines():
        document(line)


def log(octets):
    for line in characters(octets).splitlines():
        if not re.match(r"time=\S+Z level=(debug|info|warn|error) event=[a-z_]+( |$)", line):
            fail(f"not a line of ours: {line!r}")


def terminal(command):
    written = bytearray()
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.environ.pop("NO_COLOR", None)
        os.execv(command[0], command)
    while True:
        try:
            octets = os.read(master, 65536)
        except OSError:
            break
        if not octets:
            break
        written.extend(octets)
    os.waitpid(pid, 0)
    if command[1] == "check" and b"\x1b[" not in written:
        fail("it did not take this for a terminal")
    ours = re.sub(rb"\x1b\[(0|1|2|22|3[0-7]|39|9[0-7])?(;(1|3[0-7]))?m|\r\x1b\[K|\r\n", b"\n", bytes(written))
    characters(ours)


JUDGES = {"page": page, "json": document, "text": characters, "log": log, "json_log": lines_of_json}

if sys.argv[1] == "terminal":
    terminal(sys.argv[2:])
else:
    with open(sys.argv[2], "rb") as file:
        JUDGES[sys.argv[1]](file.read())
