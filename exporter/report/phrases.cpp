#include "report/phrases.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mxhealth::report {
namespace {

using enum Cause;
constexpr auto kReceiver = Sayer::receiver;

const std::vector<Phrase> kPhrases{
    // --- connected, then lost ---
    {"lost connection",
     "receiving the initial server greeting",
     "it connected, and the server hung up before it greeted",
     {closed_before_banner, connect_reset}},
    {"timed out while receiving the initial server greeting",
     "",
     "it connected, and no greeting came",
     {banner_timeout}},
    {"lost connection", "while performing the", "the server greeted, then hung up at EHLO", {connection_lost}},
    {"timed out while performing the", "", "the server greeted, then did not answer EHLO", {dialogue_timeout}},
    {"lost connection", "while sending", "the server hung up in the middle", {connection_lost}},
    {"lost connection", "", "the connection broke", {connection_lost, closed_before_banner, connect_reset}},
    {"timed out while sending", "", "the server fell silent in the middle", {dialogue_timeout}},
    {"smtp timeout after initial connection", "", "it connected, and no greeting came (Exim)", {banner_timeout}},
    {"smtp timeout while connected", "", "it connected, and no greeting came (older Exim)", {banner_timeout}},
    {"smtp timeout after", "", "the server fell silent in the middle (Exim)", {dialogue_timeout}},
    {"closed connection in response to initial connection",
     "",
     "the server hung up before it greeted (Exim)",
     {closed_before_banner}},
    {"closed connection in response to", "", "the server hung up after a command (Exim)", {connection_lost}},
    {"but greeting failed",
     "",
     "it connected, and the greeting was bad (qmail)",
     {banner_tempfail, banner_rejected, closed_before_banner}},
    {"but connection died",
     "",
     "it connected, and the connection broke (qmail)",
     {connection_lost, closed_before_banner}},
    {"connection dropped due to timedout", "", "connected, then silent (Exchange)", {banner_timeout, dialogue_timeout}},
    {"connection dropped due to", "", "connected, then lost (Exchange)", {connection_lost, connect_reset}},
    {"connection was closed abruptly", "", "connected, then lost (Microsoft 365)", {connection_lost, connect_reset}},
    {"connection reset",
     "",
     "the connection was reset: a process died, a ban, or a middlebox",
     {connect_reset, connection_lost}},
    {"malformed smtp reply", "", "what the server said is not SMTP (Exim)", {protocol_error}},
    // --- no connection ---
    {"error code: 10060", "", "silence: the connection attempt timed out (Windows)", {connect_timeout}},
    {"error code: 10061", "", "refused: nothing listens (Windows)", {connect_refused}},
    {"error code: 10065", "", "no route to the host (Windows)", {host_unreachable}},
    {"error code: 10051", "", "no route to the network (Windows)", {net_unreachable}},
    {"error code: 10054", "", "the connection was reset (Windows)", {connect_reset, connection_lost}},
    {"error code: 10013", "", "forbidden on the sending host itself (Windows)", {local_policy}},
    {"connection timed out", "", "silence: nothing came back at all", {connect_timeout}},
    {"operation timed out", "", "silence: nothing came back at all", {connect_timeout}},
    {"connection refused", "", "the host is up and refuses: nothing listens there", {connect_refused}},
    {"no route to host", "", "a router, or a firewall, says that the host cannot be reached", {host_unreachable}},
    {"host is unreachable", "", "a router, or a firewall, says that the host cannot be reached", {host_unreachable}},
    {"network is unreachable", "", "no route: on the way, or on the sending host itself", {net_unreachable}},
    {"operation not permitted", "", "the sending host's own firewall or policy forbids it", {local_policy}},
    {"wasn't able to establish an smtp connection",
     "",
     "no connection came about (qmail)",
     {connect_timeout, connect_refused, host_unreachable, net_unreachable}},
    {"failed to connect",
     "",
     "no connection came about; which of them, it does not say",
     {connect_timeout, connect_refused, host_unreachable, net_unreachable}},
    {"unable to connect",
     "",
     "no connection came about; which of them, it does not say",
     {connect_timeout, connect_refused, host_unreachable, net_unreachable}},
    {"no answer from host",
     "",
     "no connection came about; which of them, it does not say",
     {connect_timeout, connect_refused, host_unreachable, net_unreachable}},
    // --- DNS ---
    {"name service error", "try again", "the lookup failed for now", {dns_servfail, dns_timeout, dns_bogus}},
    {"name service error",
     "no data record of requested type",
     "the name exists, without a host for mail",
     {dns_no_address}},
    {"name service error", "host not found", "there is no such name", {dns_nxdomain, mx_target_missing}},
    {"host not found, try again", "", "the lookup failed for now", {dns_servfail, dns_timeout, dns_bogus}},
    {"no data record of requested type", "", "the name exists, without a host for mail", {dns_no_address}},
    {"host not found", "", "there is no such name", {dns_nxdomain, mx_target_missing}},
    {"name service error", "", "the lookup failed", {dns_servfail, dns_timeout, dns_nxdomain}},
    {"host name lookup failure", "", "the lookup failed for now (Sendmail)", {dns_servfail, dns_timeout, dns_bogus}},
    {"host lookup did not complete", "", "the lookup failed for now (Exim)", {dns_servfail, dns_timeout, dns_bogus}},
    {"cname lookup failed temporarily",
     "",
     "the lookup failed for now (qmail)",
     {dns_servfail, dns_timeout, dns_bogus}},
    {"host unknown", "", "there is no such name (Sendmail)", {dns_nxdomain, mx_target_missing}},
    {"couldn't find any host named", "", "there is no such name (qmail)", {dns_nxdomain, mx_target_missing}},
    {"domain does not exist", "", "there is no such name", {dns_nxdomain}},
    {"unrouteable address", "", "no host for the domain (Exim)", {dns_nxdomain, dns_no_address, mx_target_missing}},
    {"unroutable address", "", "no host for the domain", {dns_nxdomain, dns_no_address, mx_target_missing}},
    {"dns query failed", "", "the lookup failed (Microsoft 365)", {dns_servfail, dns_timeout, dns_nxdomain}},
    {"point to non-existent hosts", "", "the MX host has no address (Exim)", {mx_target_missing}},
    {"an mx or srv record indicated no smtp service", "", "the domain takes no mail (Exim)", {mx_null}},
    {"does not accept mail", "", "the domain takes no mail (null MX)", {mx_null}},
    {"null mx", "", "the domain takes no mail (null MX)", {mx_null}},
    {"loops back to myself", "", "the MX leads back to the sender", {mx_loop}},
    {"mail loops back to me", "", "the MX leads back to the sender (Sendmail)", {mx_loop}},
    {"lowest numbered mx record points to local host", "", "the MX leads back to the sender (Exim)", {mx_loop}},
    {"listed as a best-preference mx", "", "the MX leads back to the sender (qmail)", {mx_loop}},
    // --- TLS ---
    {"tls is required, but was not offered", "", "TLS is demanded, and STARTTLS is not offered", {starttls_missing}},
    {"refused to start tls", "", "STARTTLS is offered, then refused", {starttls_refused}, kReceiver},
    {"server did not offer tls support", "", "TLS is demanded, and STARTTLS is not offered (Exim)", {starttls_missing}},
    {"starttls-not-supported", "", "TLS is demanded, and STARTTLS is not offered", {starttls_missing}},
    {"certificate has expired", "", "the certificate is out of date", {cert_expired}},
    {"certificate-expired", "", "the certificate is out of date", {cert_expired}},
    {"certificate-host-mismatch", "", "the certificate is for another name", {cert_name_mismatch, mta_sts_mismatch}},
    {"server certificate not verified",
     "",
     "the sender verifies certificates, and this one does not pass",
     {cert_expired, cert_untrusted, cert_name_mismatch, dane_mismatch}},
    {"server certificate not trusted",
     "",
     "the sender verifies certificates, and this one does not pass",
     {cert_untrusted, cert_expired, cert_name_mismatch, dane_mismatch}},
    {"certificate verify failed",
     "",
     "the certificate does not pass",
     {cert_untrusted, cert_expired, cert_name_mismatch}},
    {"tlsa lookup error", "", "the TLSA lookup fails, so a DANE sender waits", {dane_lookup_failed}},
    {"tlsa-invalid", "", "the certificate does not match the TLSA records", {dane_mismatch}},
    {"tls negotiation failed",
     "",
     "the handshake failed; in an Exchange log, maybe for a certificate of its own",
     {tls_handshake_failed}},
    {"cannot start tls", "", "the handshake failed", {tls_handshake_failed, tls_timeout}},
    {"tls session:", "", "the handshake failed (Exim)", {tls_handshake_failed}},
    {"ssl connect", "", "the handshake failed", {tls_handshake_failed}},
    // --- what the server said, and to what ---
    {"greylist", "", "wait and come back: by design", {greylisted}, kReceiver},
    {"too many connections", "", "the sender's rate is over a limit", {throttled}, kReceiver},
    {"too many concurrent", "", "the sender's rate is over a limit", {throttled}, kReceiver},
    {"server busy", "", "the sender's rate or reputation (Microsoft)", {throttled}, kReceiver},
    {"rate limit", "", "the sender's rate is over a limit", {throttled}, kReceiver},
    {"unusual rate", "", "the sender's rate or reputation (Gmail)", {throttled}, kReceiver},
    {"blocked using",
     "",
     "a blocklist: see the runbook MXHealthDNSBLListed",
     {recipient_rejected, banner_rejected, recipient_tempfail, banner_tempfail},
     kReceiver},
    {"spamhaus",
     "",
     "a blocklist: see the runbook MXHealthDNSBLListed",
     {recipient_rejected, banner_rejected, recipient_tempfail, banner_tempfail},
     kReceiver},
    {"helo command rejected", "", "the sender's EHLO name is not liked", {ehlo_rejected, ehlo_tempfail}, kReceiver},
    {"refused to talk to me",
     "",
     "the server refused at its greeting or at EHLO",
     {banner_tempfail, ehlo_tempfail, throttled, banner_rejected, ehlo_rejected},
     kReceiver},
    {"after initial connection",
     "",
     "the server refused at its greeting (Exim)",
     {banner_tempfail, throttled, banner_rejected},
     kReceiver},
    {"in reply to ehlo", "", "the answer to EHLO", {ehlo_tempfail, ehlo_rejected}, kReceiver},
    {"in reply to mail from", "", "the answer to MAIL FROM", {sender_tempfail, sender_rejected}, kReceiver},
    {"in reply to rcpt to",
     "",
     "the answer to RCPT TO",
     {recipient_tempfail, recipient_rejected, greylisted},
     kReceiver},
    {"after mail from", "", "the answer to MAIL FROM (Exim)", {sender_tempfail, sender_rejected}, kReceiver},
    {"after rcpt to",
     "",
     "the answer to RCPT TO (Exim)",
     {recipient_tempfail, recipient_rejected, greylisted},
     kReceiver},
    {"does not like recipient",
     "",
     "the answer to RCPT TO (qmail)",
     {recipient_tempfail, recipient_rejected},
     kReceiver},
    {"sender was rejected", "", "the answer to MAIL FROM (qmail)", {sender_tempfail, sender_rejected}, kReceiver},
    {"user unknown", "", "no such mailbox", {recipient_rejected}, kReceiver},
    {"no such user", "", "no such mailbox", {recipient_rejected}, kReceiver},
    {"over quota", "", "the mailbox is full", {recipient_tempfail, recipient_rejected}, kReceiver},
    {"mailbox full", "", "the mailbox is full", {recipient_tempfail, recipient_rejected}, kReceiver},
    {"authentication failed", "", "the login was refused", {auth_rejected}, kReceiver},
    {"authentication failure",
     "",
     "the login could not be checked, or was refused",
     {auth_tempfail, auth_rejected},
     kReceiver},
};

std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const bool is_space = c == '_' || c == '\n' || c == '\r' || c == '\t';
    const char kept = is_space ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (kept == ' ' && !result.empty() && result.back() == ' ') continue;  // folded lines of a bounce
    result += kept;
  }
  return result;
}

using Span = std::pair<std::size_t, std::size_t>;

// Where the row's words stand, outside of what is taken.
Span found_at(const Phrase& phrase, std::string_view text, const std::vector<Span>& taken) {
  constexpr std::size_t kNearBy = 400;  // `then` belongs to the same line
  for (std::size_t at = text.find(phrase.words); at != text.npos; at = text.find(phrase.words, at + 1)) {
    std::size_t end = at + phrase.words.size();
    if (!phrase.then.empty()) {
      const auto behind = text.substr(end, kNearBy).find(phrase.then);
      if (behind == text.npos) continue;
      end += behind + phrase.then.size();
    }
    const bool is_taken =
        std::ranges::any_of(taken, [&](const Span& span) { return at < span.second && span.first < end; });
    if (!is_taken) return {at, end};
  }
  return {0, 0};
}

}  // namespace

std::span<const Phrase> phrases() { return kPhrases; }

std::vector<const Phrase*> phrases_in(std::string_view text) {
  const std::string lines = folded(text);
  std::vector<const Phrase*> found;
  std::vector<Span> taken;
  for (const Phrase& phrase : kPhrases) {
    const Span span = found_at(phrase, lines, taken);
    if (span.second == 0) continue;
    taken.push_back(span);
    found.push_back(&phrase);
  }
  return found;
}

}  // namespace mxhealth::report
