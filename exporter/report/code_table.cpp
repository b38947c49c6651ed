#include "report/code_table.hpp"

#include <algorithm>

#include "report/status_table.hpp"

namespace mxhealth::report {
namespace {

using enum Cause;

constexpr std::string_view kSmtp = "RFC 5321 section 4.2";
constexpr std::string_view kAuth = "RFC 4954 section 6";

const std::vector<CodeRow> kCodes{
    {211, kSmtp, "System status, or help.", {}},
    {214, kSmtp, "Help.", {}},
    {220, kSmtp, "The greeting: the server is ready. After STARTTLS: go on with the handshake (RFC 3207).", {}},
    {221, kSmtp, "The server closes the connection after QUIT.", {}},
    {235, kAuth, "Logged in.", {}},
    {250, kSmtp, "Done.", {}},
    {251, kSmtp, "The recipient is elsewhere; the server forwards.", {}},
    {252, kSmtp, "Cannot verify the address, but takes the mail.", {}},
    {334, kAuth, "The server's challenge during a login.", {}},
    {354, kSmtp, "Send the message now.", {}},
    {421,
     kSmtp,
     "The server is not available and closes the connection. A reply to anything, the greeting included: the host is "
     "up "
     "and answers; it does not want you now (load, limits, shutdown, your rate). Come back later.",
     {banner_tempfail, ehlo_tempfail, throttled, sender_tempfail, recipient_tempfail}},
    {432, kAuth, "A password transition is needed.", {auth_tempfail}},
    {450,
     kSmtp,
     "Mailbox not available for now: busy, greylisting, or a policy.",
     {greylisted, recipient_tempfail, sender_tempfail, throttled, banner_tempfail}},
    {451,
     kSmtp,
     "A fault while the server worked on it, greylisting, or a policy.",
     {greylisted, recipient_tempfail, sender_tempfail, throttled, banner_tempfail}},
    {452,
     kSmtp,
     "Not enough room on the server, or too many recipients at once.",
     {recipient_tempfail, sender_tempfail}},
    {453, "", "In the registry beside X.3.2 only (system not accepting messages).", {banner_tempfail}},
    {454,
     "RFC 3207, RFC 4954",
     "STARTTLS or the login cannot be done for now: the server's own fault, not yours.",
     {starttls_refused, auth_tempfail}},
    {455,
     kSmtp,
     "The server cannot honour the parameters of MAIL or RCPT for now.",
     {sender_tempfail, recipient_tempfail}},
    {500, kSmtp, "Command not understood, or too long.", {ehlo_rejected}},
    {501,
     kSmtp,
     "Wrong arguments: often the EHLO name or an address.",
     {ehlo_rejected, sender_rejected, recipient_rejected}},
    {502, kSmtp, "Command not implemented.", {ehlo_rejected}},
    {503, kSmtp, "Commands in a wrong order.", {}},
    {504,
     kSmtp,
     "Parameter not implemented; Postfix says it for an EHLO name that is not a full name.",
     {ehlo_rejected}},
    {521, "RFC 7504", "The host takes no mail at all.", {banner_rejected}},
    {523, "RFC 5248 registry", "Encryption needed: STARTTLS first.", {}},
    {524, "RFC 5248 registry", "Encryption needed for this way to log in.", {auth_missing}},
    {525, "RFC 5248 registry", "The account is switched off.", {auth_rejected}},
    {530, "RFC 3207, RFC 4954", "Log in first, or STARTTLS first: the words say which.", {sender_rejected}},
    {534, kAuth, "This way to log in is too weak for the server.", {auth_missing}},
    {535, kAuth, "The login was refused: user or password.", {auth_rejected}},
    {538, kAuth, "This way to log in needs TLS.", {auth_missing}},
    {541, "", "Some filters say it for mail that they take for spam.", {recipient_rejected}},
    {550,
     kSmtp,
     "Refused: no such mailbox, or a policy (blocklist, relaying, SPF). The status and the words say which.",
     {recipient_rejected, sender_rejected, ehlo_rejected, banner_rejected}},
    {551, kSmtp, "The recipient is elsewhere, and the server does not forward.", {recipient_rejected}},
    {552,
     kSmtp,
     "More than the server allows: the mailbox's quota (5.2.2), or the size of the message (5.3.4, 5.2.3).",
     {recipient_rejected, sender_rejected}},
    {553,
     kSmtp,
     "The mailbox's name is not allowed, or may not be used by this sender.",
     {sender_rejected, recipient_rejected}},
    {554,
     kSmtp,
     "Refused. As a greeting: no mail from this client at all; often a blocklist.",
     {banner_rejected, ehlo_rejected, sender_rejected, recipient_rejected}},
    {555, kSmtp, "Parameters of MAIL or RCPT not recognized.", {sender_rejected, recipient_rejected}},
    {556, "RFC 7504, RFC 7505", "The domain takes no mail (null MX).", {recipient_rejected, mx_null}},
    {557, "", "Some filters say it for too many equal messages.", {recipient_rejected}},
};

// RFC 5321 section 4.2.1
std::string_view second_digit(unsigned digit) {
  constexpr std::string_view kMeanings[] = {"syntax",  "information", "the connection",
                                            "nothing", "nothing",     "the mail system"};
  return digit < std::size(kMeanings) ? kMeanings[digit] : "nothing";
}

}  // namespace

std::span<const CodeRow> reply_codes() { return kCodes; }

const CodeRow* find_code(std::uint16_t code) {
  const auto found = std::ranges::find(kCodes, code, &CodeRow::code);
  return found == kCodes.end() ? nullptr : &*found;
}

std::string dotted(std::uint16_t code) {
  const unsigned status_class = code / 100U;
  const unsigned subject = code / 10U % 10U;
  const unsigned detail = code % 10U;
  const bool looks_like_one = (status_class == 4 || status_class == 5) && find_status(subject, detail) != nullptr;
  if (find_code(code) != nullptr || !looks_like_one) return {};
  return std::to_string(status_class) + "." + std::to_string(subject) + "." + std::to_string(detail);
}

std::string dotless_meaning(std::uint16_t code) {
  const std::string status = dotted(code);
  const unsigned middle = code / 10U % 10U;
  std::string words = "Not a reply of SMTP: it is in no RFC (in a reply the middle digit " + std::to_string(middle) +
                      " stands for " + std::string(second_digit(middle)) +
                      ", RFC 5321 section 4.2.1). Read it as the status " + status + " without its dots.";
  if (code == 441)
    words +=
        " Exchange prints \"441 4.4.1\" before a conclusion of its own, as if a server had said it; lists of error "
        "codes on the web copy it.";
  return words;
}

}  // namespace mxhealth::report
