"""What a fire drill breaks: each fault on a domain of its own, the page that must come, and what it must say.

Orders are those of the lab (tests/lab/control.hpp). Behaviours: mxhealth_lab --behaviours.
"""
from dataclasses import dataclass, field

LISTED = "192.0.2.10"  # a configured address, on the blocklist of world.yml
LIST_NAME = "10.2.0.192.bl.drill.test"


@dataclass(frozen=True, eq=False)
class Fault:
    name: str
    about: str
    page: str  # the alert that must page
    says: str  # what must be in its text
    breaks: tuple = ()
    mends: tuple = ()
    labels: dict = field(default_factory=dict)  # by which the page is known to be this fault's

    @property
    def domain(self):
        return self.name + ".example"


def host(name, about, page, says, behaviour, service="mx", healthy="tls_ok"):
    """The only server of NAME.example does something else."""
    server = f"play {'smtp' if service == 'submission' else 'mx'}.{name}.example {service} "
    return Fault(name, about, page, says, (server + behaviour,), (server + healthy,), {"domain": name + ".example"})


def dns(name, about, page, says, what, broken, healthy):
    return Fault(name, about, page, says, tuple(f"dns {one} {broken}" for one in what),
                 tuple(f"dns {one} {healthy}" for one in what[:1]), {"domain": name + ".example"})


def policy(name, about, says, breaks, mends, **labels):
    """Senders that insist on verified TLS do not deliver to NAME.example."""
    return Fault(name, about, "MXHealthTLSPolicyBroken", says, (breaks,), (mends,), labels)


UNREACHABLE, REJECTING = "MXHealthDomainUnreachable", "MXHealthDomainRejecting"
DEFERRING, SUBMISSION = "MXHealthDomainDeferring", "MXHealthSubmissionDown"

FAULTS = [
    host("refused", "nothing listens on port 25", UNREACHABLE, "connect_refused", "refused"),
    host("dropped", "a firewall drops packets to port 25", UNREACHABLE, "connect_timeout", "drop"),
    host("silent", "the server accepts and never greets", UNREACHABLE, "banner_timeout", "silent"),
    host("closing", "the server hangs up before its greeting", UNREACHABLE, "closed_before_banner", "close"),
    host("resetting", "the server resets connections", UNREACHABLE, "connect_reset", "reset"),
    host("stalling", "EHLO gets no answer", UNREACHABLE, "dialogue_timeout", "ehlo_silent"),
    host("losing", "the server hangs up on EHLO", UNREACHABLE, "connection_lost", "ehlo_close"),
    host("foreign", "a web server on port 25", UNREACHABLE, "protocol_error", "banner_http"),
    dns("nxdomain", "the domain's registration lapsed", UNREACHABLE, "dns_nxdomain",
        ("nxdomain.example MX", "nxdomain.example A", "nxdomain.example AAAA"), "nxdomain", "10 mx.nxdomain.example"),
    dns("dangling", "the MX record names a host that is gone", UNREACHABLE, "mx_target_missing",
        ("dangling.example MX",), "10 gone.dangling.example", "10 mx.dangling.example"),
    dns("servfail", "the domain's name servers are broken", UNREACHABLE, "dns_servfail",
        ("servfail.example MX",), "servfail", "10 mx.servfail.example"),
    dns("bogus", "the domain's DNSSEC signatures are wrong", UNREACHABLE, "dns_bogus",
        ("bogus.example MX",), "bogus", "10 mx.bogus.example"),
    host("deferring", "421 as the greeting", DEFERRING, "banner_tempfail", "banner_421"),
    host("rejecting", "554 as the greeting", REJECTING, "banner_rejected", "banner_554"),
    host("plaintext", "STARTTLS is gone where it is required", DEFERRING, "starttls_missing", "ok"),
    host("expired", "the certificate ran out where it is verified", DEFERRING, "cert_expired", "tls_expired"),
    host("submission", "nothing listens on port 587", SUBMISSION, "connect_refused", "refused", "submission",
         "submission_ok"),
    host("wrongname", "port 587 has a certificate for another name", SUBMISSION, "cert_name_mismatch",
         "submission_wrongname", "submission", "submission_ok"),
    dns("hijacked", "the MX record names a stranger's server", "MXHealthMXMismatch", "mx.stranger.example",
        ("hijacked.example MX",), "10 mx.stranger.example", "10 mx.hijacked.example"),
    policy("dane", "the certificate was renewed, its TLSA record was not", "fails DANE (mismatch)",
           "play mx.dane.example mx tls_chained", "play mx.dane.example mx tls_ok", server="mx.dane.example"),
    policy("sts", "the certificate ran out where MTA-STS is enforced", "fails the MTA-STS policy",
           "play mx.sts.example mx tls_expired", "play mx.sts.example mx tls_ok", server="mx.sts.example"),
    policy("policy", "the host that serves an enforced MTA-STS policy left DNS", "enforces an MTA-STS policy that does not hold",
           "dns mta-sts.policy.example A nxdomain", "dns mta-sts.policy.example A ${host.mta-sts.policy.example.address}",
           domain="policy.example"),
    Fault("listed", "an address of ours is on a blocklist", "MXHealthDNSBLListed", "drilllist",
          (f"dns {LIST_NAME} A 127.0.0.2",), (f"dns {LIST_NAME} A nxdomain",), {"subject": LISTED}),
]

# Not the lab's work: our own way out, cut by the packet filter of the drill's network namespace.
EGRESS = Fault("egress", "our own port 25 is blocked", "MXHealthEgressBlocked", "port 25", labels={})

# Nor are these: some of three vantages are cut off from a domain. One of them pages nobody, two do.
TWO_OF_THREE = Fault("seen-by-two", "two of three vantages cannot reach a domain", UNREACHABLE, "connect_timeout",
                     labels={"domain": "seen-by-two.example"})
ONE_OF_THREE = Fault("seen-by-one", "one of three vantages cannot reach a domain", "", "")
