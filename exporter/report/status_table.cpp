// Longer than other files, since it is one table: a row for each registered enhanced status.
#include "report/status_table.hpp"

#include <algorithm>
#include <charconv>

namespace mxhealth::report {
namespace {

using enum Use;

constexpr StatusRow kStatuses[] = {
    {0, 0, "Other undefined status", "RFC 3463 section 3.1", any,
     "Nothing is said but the class: read the words beside it, or the server's log.", ""},
    {1, 0, "Other address status", "RFC 3463 section 3.2", any, "Something is wrong with the address. Read the words.",
     "Postfix gives 5.1.0 to a domain with a null MX; RFC 7505 has 5.1.10 for it."},
    {1, 1, "Bad destination mailbox address", "RFC 3463 section 3.2", permanent_only,
     "The mailbox does not exist: the part before the @ is wrong. Correct the address, or create the mailbox.",
     "It is never about the network, and trying again does not help. A server that looks up its users in a directory "
     "that is down may say it wrongly."},
    {1, 2, "Bad destination system address", "RFC 3463 section 3.2", permanent_only,
     "The domain does not exist, or takes no mail: the part behind the @ is wrong.", ""},
    {1, 3, "Bad destination mailbox address syntax", "RFC 3463 section 3.2", permanent_only,
     "The recipient's address is badly written.", ""},
    {1, 4, "Destination mailbox address ambiguous", "RFC 3463 section 3.2", any, "The address fits several recipients.",
     ""},
    {1, 5, "Destination address valid", "RFC 3463 section 3.2", success_only, "The address is good.", ""},
    {1, 6, "Destination mailbox has moved, no forwarding address", "RFC 3463 section 3.2", permanent_only,
     "The mailbox was once here. Ask for the new address.", ""},
    {1, 7, "Bad sender's mailbox address syntax", "RFC 3463 section 3.2", any,
     "The sender's address is badly written: look at what the sending program puts into MAIL FROM.", ""},
    {1, 8, "Bad sender's system address", "RFC 3463 section 3.2", any,
     "The sender's domain does not exist or takes no mail. Publish MX or address records for it.", ""},
    {1, 9, "Message relayed to non-compliant mailer", "RFC 3886", any,
     "It was handed on to a system that reports nothing back.", ""},
    {1, 10, "Recipient address has null MX", "RFC 7505 section 4", permanent_only,
     "The recipient's domain says that it takes no mail (MX 0 \".\").", ""},
    {2, 0, "Other or undefined mailbox status", "RFC 3463 section 3.3", any,
     "Something is wrong with the mailbox. Read the words.", ""},
    {2, 1, "Mailbox disabled, not accepting messages", "RFC 3463 section 3.3", any,
     "The mailbox exists, and is switched off.",
     "Microsoft and Gmail also say it of a mailbox that receives too much."},
    {2, 2, "Mailbox full", "RFC 3463 section 3.3", temporary_only,
     "The recipient's quota is used up. The recipient must delete, or get more room.",
     "Servers often say 552 5.2.2 all the same, and the mail comes back at once."},
    {2, 3, "Message length exceeds administrative limit", "RFC 3463 section 3.3", permanent_only,
     "Larger than this mailbox may take; the server itself would take it.", "It is not a full mailbox: that is 4.2.2."},
    {2, 4, "Mailing list expansion problem", "RFC 3463 section 3.3", any, "The list behind the address is broken.", ""},
    {3, 0, "Other or undefined mail system status", "RFC 3463 section 3.4", any,
     "The mail system has a fault of its own. Read the words and the log of the system that says it.",
     "Where Postfix says 4.3.0 of its own deliveries, the fault is on the sending host."},
    {3, 1, "Mail system full", "RFC 3463 section 3.4", temporary_only,
     "The server's disk or queue is full: make room there (df -h; df -i).", ""},
    {3, 2, "System not accepting network messages", "RFC 3463 section 3.4", any,
     "The server is shutting down, overloaded, or in maintenance. Wait; on the server, find out which.", ""},
    {3, 3, "System not capable of selected features", "RFC 3463 section 3.4", any,
     "The message needs something that the server cannot do.", ""},
    {3, 4, "Message too big for system", "RFC 3463 section 3.4", permanent_only,
     "The message exceeds the server's size limit (SIZE in its EHLO answer, RFC 1870). Send less, or raise the limit "
     "(Postfix: message_size_limit; Exchange: MaxMessageSize of the connector).",
     "552 5.3.4 is not a full mailbox (4.2.2), nor a network fault: the host was reached and answered. Attachments "
     "grow "
     "by about 37% on the way (base64), so a limit of 25 MB takes some 18 MB of files."},
    {3, 5, "System incorrectly configured", "RFC 3463 section 3.4", any,
     "The server's configuration does not let it take this message (a loop to itself, a missing domain).", ""},
    {3, 6, "Requested priority was changed", "RFC 6710", success_only, "Taken, with another priority.", ""},
    {4, 0, "Other or undefined network or routing status", "RFC 3463 section 3.5", any,
     "The network or the routing failed, and nothing is said but that. Exchange writes \"451 4.4.0 Primary target IP "
     "address responded with\" before what it was really told: read what follows.",
     ""},
    {4, 1, "No answer from host", "RFC 3463 section 3.5", temporary_only,
     "The connection attempt was not answered: no connection came about. Postfix writes it for every failed connect(): "
     "silence, refusal and \"no route\" alike; the words beside it tell which.",
     "\"421 4.4.1 Connection timed out\" in an Exchange queue can also be a certificate of the sender's own that its "
     "connector cannot use: its protocol log says \"TLS negotiation failed\"."},
    {4, 2, "Bad connection", "RFC 3463 section 3.5", temporary_only,
     "The connection came about, then broke or fell silent before the mail was handed over.",
     "It is not 4.4.1: the host answered, so port, route and firewall let connections through."},
    {4, 3, "Directory server failure", "RFC 3463 section 3.5", temporary_only,
     "A lookup failed for now: DNS mostly (resolver or the domain's name servers), else LDAP.", ""},
    {4, 4, "Unable to route", "RFC 3463 section 3.5", any,
     "DNS answered, and the answer leads nowhere: no such name, or no host for the mail.", ""},
    {4, 5, "Mail system congestion", "RFC 3463 section 3.5", temporary_only,
     "The system has more mail than it can move. Wait; send more slowly.",
     "5.4.5 (and \"441 5.4.5\") contradicts the registry, which has congestion as temporary only: read it as 4.4.5. "
     "A few providers say 5.4.5 for a daily sending limit that is used up."},
    {4, 6, "Routing loop detected", "RFC 3463 section 3.5", temporary_only,
     "The mail goes round in circles: the MX leads to a host that sends it back.",
     "Servers say 5.4.6 more often than the 4.4.6 of the registry, and return the mail."},
    {4, 7, "Delivery time expired", "RFC 3463 section 3.5", any,
     "It was tried until the sender's patience ended (mostly after 1 to 5 days). The reason is the status of the last "
     "try, further down in the bounce.",
     ""},
    {5, 0, "Other or undefined protocol status", "RFC 3463 section 3.6", any,
     "Sender and server did not understand each other. Read the words.", ""},
    {5, 1, "Invalid command", "RFC 3463 section 3.6", permanent_only,
     "A command came out of order, or the server does not know it: often mail before AUTH or STARTTLS.", ""},
    {5, 2, "Syntax error", "RFC 3463 section 3.6", permanent_only, "A command was badly written.", ""},
    {5, 3, "Too many recipients", "RFC 3463 section 3.6", any, "Send to fewer at once.", ""},
    {5, 4, "Invalid command arguments", "RFC 3463 section 3.6", permanent_only,
     "A command had arguments that the server does not take.", ""},
    {5, 5, "Wrong protocol version", "RFC 3463 section 3.6", any, "The two speak different versions.", ""},
    {5, 6, "Authentication exchange line is too long", "RFC 4954 section 6", any, "The login did not fit.", ""},
    {6, 0, "Other or undefined media error", "RFC 3463 section 3.7", any,
     "Something in the message was not accepted. Read the words.", ""},
    {6, 1, "Media not supported", "RFC 3463 section 3.7", permanent_only, "The message's format is not taken.", ""},
    {6, 2, "Conversion required and prohibited", "RFC 3463 section 3.7", any,
     "The message would have to be converted, and may not be.", ""},
    {6, 3, "Conversion required but not supported", "RFC 3463 section 3.7", any,
     "The message would have to be converted, and cannot be (8BITMIME).", ""},
    {6, 4, "Conversion with loss performed", "RFC 3463 section 3.7", any, "Converted; something was lost.", ""},
    {6, 5, "Conversion failed", "RFC 3463 section 3.7", any, "The message could not be converted.", ""},
    {6, 6, "Message content not available", "RFC 4468", any, "What the message refers to could not be fetched.", ""},
    {6, 7, "Non-ASCII addresses not permitted for that sender/recipient", "RFC 6531", any,
     "The address needs SMTPUTF8, which is not allowed here.", ""},
    {6, 8, "UTF-8 string reply is required, but not permitted by the SMTP client", "RFC 6531", any,
     "The client did not ask for SMTPUTF8.", ""},
    {6, 9, "UTF-8 header message cannot be transferred to one or more recipients", "RFC 6531", any,
     "A header in UTF-8 meets a recipient's server without SMTPUTF8.", ""},
    {6, 10, "UTF-8 string reply is required (duplicate of X.6.8)", "RFC 5248 registry", any,
     "Deprecated: X.6.8 says the same.", ""},
    {7, 0, "Other or undefined security status", "RFC 3463 section 3.8", any,
     "A policy refused, and does not say which: reputation, rate, reverse DNS, TLS, login. Read the words beside it.",
     "421 and 451 with 4.7.0 mostly mean \"slow down\". It is never a network fault: the host answered."},
    {7, 1, "Delivery not authorized, message refused", "RFC 3463 section 3.8", any,
     "The server does not want this client, sender or recipient together: greylisting (4.7.1: wait), a blocklist, "
     "relaying denied, SPF or DMARC.",
     "4.7.1 is a policy that may change its mind, not a broken network. Read which policy: the words name it."},
    {7, 2, "Mailing list expansion prohibited", "RFC 3463 section 3.8", any, "The sender may not write to the list.",
     ""},
    {7, 3, "Security conversion required but not possible", "RFC 3463 section 3.8", any,
     "The message would lose its protection on the way.", ""},
    {7, 4, "Security features not supported", "RFC 3463 section 3.8", any,
     "A needed security feature is missing; Postfix says 4.7.4 where TLS is required and not offered.", ""},
    {7, 5, "Cryptographic failure", "RFC 3463 section 3.8", any,
     "TLS failed: the handshake, or the certificate where it is verified.", ""},
    {7, 6, "Cryptographic algorithm not supported", "RFC 3463 section 3.8", any, "No common algorithm.", ""},
    {7, 7, "Message integrity failure", "RFC 3463 section 3.8", any, "The message was changed or damaged.", ""},
    {7, 8, "Authentication credentials invalid", "RFC 4954 section 6", any, "The login was refused: user or password.",
     ""},
    {7, 9, "Authentication mechanism is too weak", "RFC 4954 section 6", any,
     "The server wants a stronger way to log in.", ""},
    {7, 10, "Encryption needed", "RFC 5248 section 2", any, "The server wants STARTTLS first.", ""},
    {7, 11, "Encryption required for requested authentication mechanism", "RFC 4954 section 6", any,
     "This login is allowed only behind TLS.", ""},
    {7, 12, "A password transition is needed", "RFC 4954 section 6", any,
     "Log in once with PLAIN, so that the server can store the password for the other mechanism.", ""},
    {7, 13, "User account disabled", "RFC 5248 section 2", any, "The account is switched off.", ""},
    {7, 14, "Trust relationship required", "RFC 5248 section 2", any, "The server takes mail from partners only.", ""},
    {7, 15, "Priority level is too low", "RFC 6710", any, "Only mail of higher priority is taken now.", ""},
    {7, 16, "Message is too big for the specified priority", "RFC 6710", any, "Too big for its priority.", ""},
    {7, 17, "Mailbox owner has changed", "RFC 7293", any, "The address belongs to somebody else now.", ""},
    {7, 18, "Domain owner has changed", "RFC 7293", any, "The domain belongs to somebody else now.", ""},
    {7, 19, "RRVS test cannot be completed", "RFC 7293", any,
     "Whether the address still belongs to the same owner could not be told.", ""},
    {7, 20, "No passing DKIM signature found", "RFC 7372 section 3.1", any,
     "The receiver wants a DKIM signature that verifies.", ""},
    {7, 21, "No acceptable DKIM signature found", "RFC 7372 section 3.1", any,
     "The DKIM signature verifies, and is not good enough for the receiver.", ""},
    {7, 22, "No valid author-matched DKIM signature found", "RFC 7372 section 3.1", any,
     "No DKIM signature of the domain in From.", ""},
    {7, 23, "SPF validation failed", "RFC 7372 section 3.2", any,
     "The sending address is not in the sender's SPF record.", ""},
    {7, 24, "SPF validation error", "RFC 7372 section 3.2", any,
     "The sender's SPF record is broken, or could not be looked up.", ""},
    {7, 25, "Reverse DNS validation failed", "RFC 7372 section 3.3", any,
     "The sending address has no PTR record that leads back to it.", ""},
    {7, 26, "Multiple authentication checks failed", "RFC 7372 section 3.4", any,
     "Several of SPF, DKIM and others failed.", ""},
    {7, 27, "Sender address has null MX", "RFC 7505 section 4", any,
     "The sender's domain takes no mail, so it should not send any either.", ""},
    {7, 28, "Mail flood detected", "RFC 5248 registry", any, "Too much mail at once: send more slowly.", ""},
    {7, 29, "ARC validation failure", "RFC 8617", any, "The chain of forwarders' signatures is broken.", ""},
    {7, 30, "REQUIRETLS support required", "RFC 8689", any,
     "The message demands TLS on every hop, and the next one cannot promise it.", ""},
};

const std::vector<VendorStatus> kVendorStatuses{
    {"4.312",
     "Microsoft 365",
     "DNS query failed.",
     {Cause::dns_timeout, Cause::dns_servfail, Cause::dns_bogus, Cause::dns_nxdomain, Cause::dns_no_address}},
    {"4.315", "Microsoft 365", "Connection timed out: its 4.4.1.", {Cause::connect_timeout}},
    {"4.316", "Microsoft 365", "Connection refused: its 4.4.1.", {Cause::connect_refused}},
    {"4.317",
     "Microsoft 365",
     "Cannot connect to remote server: it answered, and refused or lacks the TLS that is needed.",
     {Cause::banner_tempfail, Cause::starttls_missing, Cause::tls_handshake_failed}},
    {"4.318",
     "Microsoft 365",
     "Connection was closed abruptly: its 4.4.2.",
     {Cause::connect_reset, Cause::closed_before_banner, Cause::connection_lost}},
    {"7.320",
     "Microsoft 365",
     "Certificate validation failed.",
     {Cause::cert_untrusted, Cause::cert_expired, Cause::cert_name_mismatch}},
    {"7.321", "Microsoft 365", "starttls-not-supported.", {Cause::starttls_missing}},
    {"7.322", "Microsoft 365", "certificate-expired.", {Cause::cert_expired}},
    {"7.323", "Microsoft 365", "tlsa-invalid: DANE does not match.", {Cause::dane_mismatch}},
    {"7.324",
     "Microsoft 365",
     "dnssec-invalid: the domain's DNSSEC is broken.",
     {Cause::dane_lookup_failed, Cause::dns_bogus}},
    {"7.325", "Microsoft 365", "certificate-host-mismatch.", {Cause::cert_name_mismatch, Cause::mta_sts_mismatch}},
    {"7.500", "Microsoft 365", "Server busy: the sender's rate or reputation.", {Cause::throttled}},
};

// What a server may mean that says such a status itself, by subject; the class picks from them.
std::vector<Cause> said_with(unsigned subject, unsigned detail) {
  switch (subject) {
    case 0: return {};
    case 1:
      if (detail == 7 || detail == 8) return {Cause::sender_tempfail, Cause::sender_rejected};
      return {Cause::recipient_tempfail, Cause::recipient_rejected};
    case 2: return {Cause::recipient_tempfail, Cause::recipient_rejected};
    case 3:
      if (detail > 2) return {};  // about the message, which is never sent here
      return {Cause::banner_tempfail, Cause::ehlo_tempfail, Cause::recipient_tempfail, Cause::banner_rejected,
              Cause::recipient_rejected};
    case 7:
      if (detail > 1) return {};
      return {Cause::throttled,       Cause::greylisted,         Cause::banner_tempfail, Cause::ehlo_tempfail,
              Cause::sender_tempfail, Cause::recipient_tempfail, Cause::banner_rejected, Cause::ehlo_rejected,
              Cause::sender_rejected, Cause::recipient_rejected};
    default: return {};
  }
}

// The same seen from our own side, which a sender in the same place would log with this status.
std::vector<Cause> ours_behind(unsigned subject, unsigned detail) {
  if (subject != 4) return {};
  if (detail == 1) return {Cause::egress_blocked};
  if (detail == 3) return {Cause::resolver_unreachable};
  return {};
}

bool fits(Cause cause, char status_class) {
  if (status_class == '4') return class_of(cause) != CauseClass::permfail;
  if (status_class == '5') return class_of(cause) != CauseClass::tempfail;
  return true;
}

std::string without_class(const Status& status) {
  return std::to_string(status.subject) + "." + std::to_string(status.detail);
}

}  // namespace

std::span<const StatusRow> statuses() { return kStatuses; }

const StatusRow* find_status(unsigned subject, unsigned detail) {
  const auto* found = std::ranges::find_if(
      kStatuses, [&](const StatusRow& row) { return row.subject == subject && row.detail == detail; });
  return found == std::end(kStatuses) ? nullptr : found;
}

std::span<const VendorStatus> vendor_statuses() { return kVendorStatuses; }

Status status_of(std::string_view text) {
  constexpr std::size_t kLongest = 9;  // 5.999.999
  if (text.size() < 5 || text.size() > kLongest || text[1] != '.') return {};
  const char first = text[0] == 'x' ? 'X' : text[0];
  if (first != '2' && first != '4' && first != '5' && first != 'X') return {};
  Status status{first, 0, 0};
  const char* const end = text.data() + text.size();
  const auto subject = std::from_chars(text.data() + 2, end, status.subject);
  if (subject.ec != std::errc{} || subject.ptr == end || *subject.ptr != '.' || status.subject > 999) return {};
  const auto detail = std::from_chars(subject.ptr + 1, end, status.detail);
  if (detail.ec != std::errc{} || detail.ptr != end || status.detail > 999) return {};
  return status;
}

std::string_view class_sentence(char status_class) {
  switch (status_class) {
    case '2': return "2: done.";
    case '4': return "4: for now. The sender keeps the mail and tries again, mostly for 4 to 5 days.";
    case '5': return "5: for good. The mail is returned to its sender now.";
    default: return "The first digit tells: 4, the mail waits and is tried again; 5, it is returned now.";
  }
}

std::string_view who_mends(unsigned subject) {
  switch (subject) {
    case 1: return "the sender: the address";
    case 2: return "the recipient";
    case 3: return "the admin of the receiving server";
    case 4: return "the admin of the receiving server or of what lies between";
    case 6:
    case 7: return "sender and receiver, either or both";
    default: return "not said";
  }
}

std::vector<Cause> causes_of(const Status& status) {
  std::vector<Cause> found;
  const auto add = [&](Cause cause) {
    if (fits(cause, status.status_class) && std::ranges::find(found, cause) == found.end()) found.push_back(cause);
  };
  const std::string wanted = without_class(status);
  for (const CauseRow& row : causes()) {
    if (row.cause_class == CauseClass::local && wanted != "3.0") continue;
    const char its = row.enhanced_status.front();
    if (row.enhanced_status.substr(2) != wanted) continue;
    if (status.status_class == 'X' || its == 'X' || its == status.status_class) add(row.cause);
  }
  for (const VendorStatus& vendor : kVendorStatuses)
    if (vendor.status == wanted) std::ranges::for_each(vendor.causes, add);
  std::ranges::for_each(said_with(status.subject, status.detail), add);
  std::ranges::for_each(ours_behind(status.subject, status.detail), add);
  std::stable_partition(found.begin(), found.end(), [](Cause cause) { return cause != Cause::mx_not_public; });  // rare
  return found;
}

}  // namespace mxhealth::report
