#!/usr/bin/env python3
"""The worlds of senders_test.sh: sender_worlds.py DIRECTORY SEED RANDOM_SETS

Writes one lab scenario NAME.yml (JSON is YAML) into DIRECTORY for each row below and for so many random sets of hosts, and
prints `NAME host, host …` for each. A scenario has three domains, may.NAME, encrypt.NAME and verify.NAME below lab.test,
with one MX set: one for each TLS policy of a sender. Hosts are a scenario's own, so that no sender remembers one.

None of these sets is among those the forecast was written from. Left out is what a sender does not do twice in the same
way (the last of two bad hosts at one preference); silence after half a handshake and after a whole one, at which Exim waits
longer than any test; and 999 as a greeting, which Postfix takes for a hard failure and the exporter for no SMTP at all.
"""
import json
import pathlib
import random
import sys

# A sender's TLS policy, and what the exporter's configuration calls it.
POLICIES = {"may": "opportunistic", "encrypt": "required", "verify": "verified"}

NXDOMAIN, SERVFAIL, NODATA, TIMEOUT = ({"dns": answer} for answer in ("nxdomain", "servfail", "nodata", "timeout"))


class Target(str):
    """An MX target that is no host of the scenario."""


NULL, LOCALHOST = Target("."), Target("localhost.")


def greets(*lines):
    return {"mx": {"script": list(lines)}}


def answers(verb, *lines, like="ok", inside_tls=False):
    return {"mx": {"like": like, "on_tls" if inside_tls else "on": {verb: list(lines)}}}


# Behind a pause, or the reset may overtake the end of connect(), which then fails itself.
RESET = greets("wait 200ms", "reset")


def says(ehlo, helo, like="ok", inside_tls=False):
    return {"mx": {"like": like, "on_tls" if inside_tls else "on": {"EHLO": [f"send {ehlo}"], "HELO": [f"send {helo}"]}}}


# Hosts of the preferences 10, 20, …: a behaviour of the lab's book, one written in place, what DNS says of the name
# instead, or a target. A list inside is of one preference.
WALKS = {
    # the greeting
    "554-then-servfail": ["banner_554", SERVFAIL],
    "554-then-nxdomain": ["banner_554", NXDOMAIN],
    "554-then-silent": ["banner_554", "silent"],
    "554-then-drop": ["banner_554", "drop"],
    "554-then-unreachable": ["banner_554", "unreach_net"],
    "554-then-421": ["banner_554", "banner_421"],
    "554-then-554": ["banner_554", "banner_554"],
    "554-then-ehlo-550": ["banner_554", "ehlo_550"],
    "554-then-starttls-close": ["banner_554", "starttls_close"],
    "421-then-554": ["banner_421", "banner_554"],
    "silent-then-554": ["silent", "banner_554"],
    "nxdomain-then-554": [NXDOMAIN, "banner_554"],
    "521": ["banner_521"],
    "521-then-ok": ["banner_521", "ok"],
    "521-then-refused": ["banner_521", "refused"],
    "greets-250": ["banner_odd_code_250"],
    "greets-354": [greets("send 354 {host} ESMTP")],
    "greets-354-then-ok": [greets("send 354 {host} ESMTP"), "ok"],
    "greets-two-digits": ["banner_short_code"],
    "greets-two-digits-then-554": ["banner_short_code", "banner_554"],
    "greets-four-digits": ["banner_long_code"],
    "greets-mixed-codes": ["banner_mixed_codes"],
    "greets-bare-lf": ["banner_bare_lf"],
    "greets-half-a-line": ["banner_eof_midline"],
    "greets-binary": ["banner_binary"],
    "garbage-then-ok": ["banner_garbage", "ok"],
    "ssh": ["banner_ssh"],
    "http": ["banner_http"],
    # the status in a reply
    "421-bare": ["banner_421_bare"],
    "554-bare": [greets("send 554 no", "close")],
    "450-status-unheard-of": [greets("send 450 4.9.99 x", "close")],
    "450-status-of-class-5": [greets("send 450 5.7.1 x", "close")],
    "554-status-of-class-4": [greets("send 554 4.7.1 x", "close")],
    "450-status-too-long": [greets("send 450 4.7.1234 x", "close")],
    "554-two-statuses": [greets("raw 554-5.7.1 no\r\n554 5.5.4 never\r\n", "close")],
    "throttled": ["banner_throttled"],
    # EHLO and HELO
    "ehlo-550-then-554": ["ehlo_550", "banner_554"],
    "ehlo-550-then-ok": ["ehlo_550", "ok"],
    "ehlo-550-then-refused": ["ehlo_550", "refused"],
    "ehlo-550-then-nxdomain": ["ehlo_550", NXDOMAIN],
    "ehlo-550-bare": [says("550 no", "550 no")],
    "ehlo-451-bare": [says("451 no", "451 no")],
    "ehlo-451-helo-ok": [says("451 4.3.0 later", "250 hello")],
    "ehlo-550-helo-ok": [says("550 5.7.1 no", "250 hello")],
    "ehlo-502-helo-451": [says("502 5.5.1 what", "451 4.3.0 later")],
    "ehlo-451-helo-451": [says("451 4.3.1 later", "451 4.3.0 later")],
    "ehlo-451-then-ok": [says("451 4.3.1 later", "451 4.3.0 later"), "ok"],
    "ehlo-451-helo-550": [says("451 4.3.1 later", "550 5.7.1 no")],
    "ehlo-504": ["ehlo_504"],
    "ehlo-504-then-ok": ["ehlo_504", "ok"],
    "ehlo-500-tls-lost": [says("500 5.5.1 what", "250 hello", like="tls_ok")],
    "ehlo-421-then-ok": ["ehlo_421", "ok"],
    "ehlo-reset": ["ehlo_reset"],
    "ehlo-garbage": ["ehlo_garbage"],
    "ehlo-354": [says("354 go on", "354 go on")],
    "ehlo-220": [says("220 go on", "220 go on")],
    "helo-only-then-tls": ["ehlo_502", "tls_ok"],
    # STARTTLS
    "injection": ["starttls_injection"],
    "injection-then-refused": ["starttls_injection", "refused"],
    "injection-then-tls": ["starttls_injection", "tls_ok"],
    "starttls-501": ["starttls_501"],
    "starttls-501-then-tls": ["starttls_501", "tls_ok"],
    "starttls-550-bare": [answers("STARTTLS", "send 550 no", like="tls_ok")],
    "starttls-454-bare": [answers("STARTTLS", "send 454 no", like="tls_ok")],
    "starttls-454-then-tls": ["starttls_454", "tls_ok"],
    "starttls-454-then-plain": ["starttls_454", "ok"],
    "plain-then-starttls-454": ["ok", "starttls_454"],
    "starttls-421": [answers("STARTTLS", "send 421 4.3.2 busy", "close", like="tls_ok")],
    "starttls-421-then-tls": [answers("STARTTLS", "send 421 4.3.2 busy", "close", like="tls_ok"), "tls_ok"],
    "starttls-no-reply": [answers("STARTTLS", "silence", like="tls_ok")],
    "starttls-no-reply-then-plain": [answers("STARTTLS", "silence", like="tls_ok"), "ok"],
    "starttls-lost": [answers("STARTTLS", "close", like="tls_ok")],
    "starttls-reset": ["starttls_reset"],
    "starttls-close-then-plain": ["starttls_close", "ok"],
    "starttls-close-then-refused": ["starttls_close", "refused"],
    "starttls-close-then-554": ["starttls_close", "banner_554"],
    "starttls-close-then-ehlo-550": ["starttls_close", "ehlo_550"],
    "starttls-stall-then-tls": ["starttls_stall", "tls_ok"],
    # TLS
    "flight-close": ["tls_flight_close"],
    "flight-reset": ["tls_flight_reset"],
    "flight-close-then-tls": ["tls_flight_close", "tls_ok"],
    "tls-then-421": ["tls_then_421"],
    "tls-then-421-then-tls": ["tls_then_421", "tls_ok"],
    "tls-then-close": ["tls_then_close"],
    "tls-then-550": [says("550 5.7.1 no", "550 5.7.1 no", like="tls_ok", inside_tls=True)],
    "tls-10": ["tls_10"],
    "tls-11": ["tls_11"],
    "tls-12": ["tls_12"],
    "tls-weak": ["tls_weak"],
    "tls-chained": ["tls_chained"],
    "tls-incomplete": ["tls_incomplete"],
    "tls-untrusted": ["tls_untrusted"],
    "tls-not-yet-valid": ["tls_not_yet_valid"],
    "self-signed-then-plain": ["tls_selfsigned", "ok"],
    "self-signed-then-tls": ["tls_selfsigned", "tls_ok"],
    "expired-then-refused": ["tls_expired", "refused"],
    "wrong-name-then-421": ["tls_wrongname", "ehlo_421"],
    "masked-starttls": ["banner_pix"],
    "plain-then-tls": ["ok", "tls_ok"],
    "plain-then-refused": ["ok", "refused"],
    "plain-then-554": ["ok", "banner_554"],
    "plain-then-ehlo-550": ["ok", "ehlo_550"],
    # DNS
    "literal-then-ok": [Target("${host.h2.address}"), "ok"],
    "literal-refused": [Target("${host.h2.address}"), "refused"],
    "loopback-literal": [Target("127.0.0.1")],
    "loopback-literal-then-ok": [Target("127.0.0.1"), "ok"],
    "localhost": [LOCALHOST],
    "localhost-then-ok": [LOCALHOST, "ok"],
    "ok-then-localhost": ["ok", LOCALHOST],
    "refused-localhost-ok": ["refused", LOCALHOST, "ok"],
    "refused-beside-localhost": [["refused", LOCALHOST], "ok"],
    "nxdomain-then-localhost": [NXDOMAIN, LOCALHOST],
    "nodata": [NODATA],
    "nodata-then-ok": [NODATA, "ok"],
    "nxdomain-and-nodata": [NXDOMAIN, NODATA],
    "servfail-then-nxdomain": [SERVFAIL, NXDOMAIN],
    "nxdomain-then-refused": [NXDOMAIN, "refused"],
    "servfail-then-554": [SERVFAIL, "banner_554"],
    "servfail-then-ok": [SERVFAIL, "ok"],
    "timeout-then-refused": [TIMEOUT, "refused"],
    "null-then-ok": [NULL, "ok"],
    "ok-then-null": ["ok", NULL],
    "554-then-null": ["banner_554", NULL],
    # how far a sender walks
    "five-at-one-then-ok": [["refused"] * 5, "ok"],
    "four-at-one-then-ok": [["refused"] * 4, "ok"],
    "five-silent-then-ok": [["silent"] * 5, "ok"],
    "five-554-then-ok": ["banner_554"] * 5 + ["ok"],
    "five-554-at-one": [["banner_554"] * 5],
    "six-554-at-one": [["banner_554"] * 6],
    "seven-refused-then-ok": ["refused"] * 7 + ["ok"],
    "421-421-ok": ["ehlo_421", "banner_421", "ok"],
    "lost-lost-ok": ["ehlo_close", "ehlo_close", "ok"],
    "refused-beside-tls": [["refused", "tls_ok"]],
    "421-beside-tls": [["banner_421", "tls_ok"]],
    "unreachable-then-554": ["unreach_host", "banner_554"],
}

# Only an envelope shows these, so their domains are probed with one; the exporter tries it at the best preference alone.
ENVELOPES = {
    "rcpt-550-then-ok": ["rcpt_550", "ok"],
    "rcpt-450-then-refused": ["rcpt_450", "refused"],
    "rcpt-450-then-554": ["rcpt_450", "banner_554"],
    "rcpt-450-bare": [answers("RCPT", "send 450 later")],
    "rcpt-550-bare": [answers("RCPT", "send 550 no")],
    "rcpt-450-status-unheard-of": [answers("RCPT", "send 450 4.9.99 x")],
    "rcpt-552": [answers("RCPT", "send 552 5.2.2 full")],
    "rcpt-421": [answers("RCPT", "send 421 4.3.2 x", "close")],
    "rcpt-lost": [answers("RCPT", "close")],
    "rcpt-silent": [answers("RCPT", "silence")],
    "rcpt-550-in-tls": [answers("RCPT", "send 550 5.1.1 no", like="tls_ok")],
    "mail-451-then-ok": ["mail_451", "ok"],
    "mail-421-then-ok": ["mail_421", "ok"],
    "mail-550": [answers("MAIL", "send 550 5.7.1 no")],
    "mail-550-then-ok": [answers("MAIL", "send 550 5.7.1 no"), "ok"],
    "mail-451-bare": [answers("MAIL", "send 451 no")],
    "mail-552": [answers("MAIL", "send 552 5.3.4 too big")],
    "mail-lost": [answers("MAIL", "close")],
    "mail-silent-then-ok": [answers("MAIL", "silence"), "ok"],
}


def addresses(*hosts):
    return {"A": [[f"${{host.{host}.address}}"] for host in hosts]}


def chain(hops):
    return {"hosts": {"h2": "ok"}, "dns": {"h1": {"cname_chain": {"hops": hops, "to": "h2"}}}, "mx": [[10, "h1.{domain}"]]}


SIX = [f"h{number}" for number in range(1, 7)]

# What a walk cannot say: hosts, DNS answers and the MX set as the lab reads them; `address`: the implicit MX.
OTHERS = {
    "six-addresses-then-ok": {"hosts": {host: "refused" for host in SIX} | {"h7": "ok"}, "dns": {"many": addresses(*SIX)},
                              "mx": [[10, "many.{domain}"], [20, "h7"]]},
    "six-addresses-554": {"hosts": {host: "banner_554" for host in SIX}, "dns": {"many": addresses(*SIX)},
                          "mx": [[10, "many.{domain}"]]},
    "five-addresses-one-ok": {"hosts": {host: "banner_421" for host in SIX[:4]} | {"h5": "tls_ok"},
                              "dns": {"five.mx.lab.test": addresses(*SIX[:5])}, "mx": [[10, "five.mx.lab.test"]]},
    "loop-address-then-ok": {"hosts": {"h2": "ok"}, "dns": {"h1": {"A": [["127.0.0.1"]]}},
                             "mx": [[10, "h1.{domain}"], [20, "h2"]]},
    "refused-then-loop-address": {"hosts": {"h1": "refused"}, "dns": {"h2": {"A": [["127.0.0.1"]]}},
                                  "mx": [[10, "h1"], [20, "h2.{domain}"]]},
    "loop-beside-good-address": {"hosts": {"h1": "ok"}, "dns": {"h2": {"A": [["127.0.0.1"], ["${host.h1.address}"]]}},
                                 "mx": [[10, "h2.{domain}"]]},
    "cname-3": chain(3),
    "cname-9": chain(9),
    "cname-10": chain(10),
    "same-address-twice": {"hosts": {"h1": "banner_421", "h2": {"same_as": "h1"}, "h3": "ok"},
                           "mx": [[10, "h1"], [20, "h2"], [30, "h3"]]},
    "target-twice": {"hosts": {"h1": "banner_421"}, "mx": [[10, "h1"], [20, "h1"]]},
    "implicit-554": {"hosts": {"h1": "banner_554"}, "address": "h1"},
    "implicit-refused": {"hosts": {"h1": "refused"}, "address": "h1"},
}

# What random sets are made of, each host at most once and at a preference of its own.
POOL = ["ok", "tls_ok", "tls_selfsigned", "tls_wrongname", "refused", "drop", "silent", "close", RESET, "banner_421",
        "banner_450", "banner_554", "banner_521", "ehlo_502", "ehlo_421", "ehlo_close", "ehlo_550", "starttls_454",
        "starttls_close", "starttls_501", NXDOMAIN, SERVFAIL, NODATA]


def world_of(rows):
    """A walk, as OTHERS says it."""
    hosts, mx = {}, []
    for index, row in enumerate(rows):
        for host in row if isinstance(row, list) else [row]:
            name = host
            if not isinstance(host, Target):
                name = f"h{len(mx) + 1}"
                hosts[name] = host
            mx.append([10 * (index + 1), name])
    dns = {LOCALHOST: {"A": [["127.0.0.1"]]}} if any(name == LOCALHOST for _, name in mx) else {}
    return {"hosts": hosts, "mx": mx, "dns": dns}


def scenario(name, world, module):
    domain = {}
    if "address" in world:
        domain["address"] = world["address"]
    else:
        domain["mx"] = [[preference, host.replace("{domain}", f"{name}.lab.test")] for preference, host in world["mx"]]
    domains = [domain | {"name": policy, "target": {"modules": [module], "expect": {"starttls": starttls}}}
               for policy, starttls in POLICIES.items()]
    parts = {part: world[part] for part in ("hosts", "dns") if world.get(part)}
    return {"about": "For real senders.", "domains": domains} | parts


def label(host):
    if isinstance(host, list):
        return "{" + " ".join(map(label, host)) + "}"
    return host if isinstance(host, str) else json.dumps(host)


def random_walks(seed, count):
    dice = random.Random(seed)
    return {f"random-{number}": dice.sample(POOL, dice.randint(3, 5)) for number in range(1, count + 1)}


def main():
    directory, seed, random_sets = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    worlds = [(name, world_of(rows), "mx", rows) for name, rows in (WALKS | random_walks(seed, random_sets)).items()]
    worlds += [(name, world_of(rows), "inbox", rows) for name, rows in ENVELOPES.items()]
    worlds += [(name, world, "mx", [json.dumps(world)]) for name, world in OTHERS.items()]
    for name, world, module, rows in worlds:
        (directory / f"{name}.yml").write_text(json.dumps(scenario(name, world, module)), encoding="ascii")
        print(name, ", ".join(map(label, rows)))


if __name__ == "__main__":
    main()
