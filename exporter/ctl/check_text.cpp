// A target's report for people: the verdict and its words first, then what to do, then the hosts with what each
// address did. What is well takes one line.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <ostream>

#include "ctl/check_output.hpp"
#include "report/words.hpp"

namespace mxhealth::ctl {
namespace {

enum class Tone : std::uint8_t { plain, bold, dim, good, fair, bad, unknown };

/// Writes words in tones where there are colours.
class Ink {
 public:
  explicit Ink(bool colours) : colours_(colours) {}
  std::string operator()(Tone tone, std::string_view text) const {
    static constexpr const char* kCodes[] = {"", "1", "2", "32", "33", "31", "35"};
    const char* code = kCodes[static_cast<std::size_t>(tone)];
    if (!colours_ || *code == '\0') return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }

 private:
  bool colours_;
};

Tone tone_of(Verdict verdict) {
  switch (exit_code(verdict)) {
    case 0: return Tone::good;
    case 1: return Tone::fair;
    case 2: return Tone::bad;
    default: return Tone::unknown;
  }
}

std::string_view whose(Side side) {
  switch (side) {
    case Side::ours: return "ours: this host, its network or its resolver";
    case Side::path: return "the path between us and them";
    case Side::theirs: return "theirs: the mail host's operator";
    case Side::dns: return "theirs: the operator of the domain's DNS";
    case Side::unknown: break;
  }
  return "not known";
}

void print_line(std::ostream& out, const Ink& ink, std::string_view name, std::string_view text) {
  if (!text.empty()) out << fmt::format("  {} {}\n", ink(Tone::dim, fmt::format("{:<6}", name)), text);
}

void print_cause(std::ostream& out, const Ink& ink, const DomainRecord& role) {
  if (!role.cause) return;
  print_line(out, ink, "why", report::explanation(role));
  print_line(out, ink, "side", whose(role.cause->side));
  std::string_view name = "first";
  for (const std::string& check : report::first_checks(role)) {
    print_line(out, ink, name, check);
    name = "then";
  }
}

std::string days(Wall from, Wall to) {
  const auto left = std::chrono::floor<std::chrono::days>(to - from).count();
  if (left < 0) return "expired";
  return left == 1 ? "1 day left" : fmt::format("{} days left", left);
}

std::string date(Wall at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(seconds));
}

/// "TLSv1.3, certificate until 2027-01-02 (40 days left)".
std::string tls_words(const ServerTls& tls, Wall now) {
  if (tls.version.empty()) return tls.starttls_advertised == false ? "no STARTTLS" : "";
  std::string words = tls.version;
  if (tls.leaf_not_after)
    words += fmt::format(", certificate until {} ({})", date(*tls.leaf_not_after), days(now, *tls.leaf_not_after));
  if (tls.chain_ok == false) words += ", not from an authority we trust";
  if (tls.hostname_ok == false) words += ", for another name";
  return words;
}

std::string timings(const AddressRecord& address) {
  std::string words;
  for (const auto& [phase, took] : address.durations)
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", label(phase), rounded(took));
  return words;
}

void print_address(std::ostream& out, const Ink& ink, const AddressRecord& address) {
  const bool up = address.up == true;
  const std::string state = up               ? ink(Tone::good, "ok  ")
                            : !address.cause ? ink(Tone::dim, "?   ")
                                             : ink(address.up ? Tone::bad : Tone::unknown, "FAIL");
  std::string words = up ? timings(address) : address.cause ? std::string(label(address.cause->cause)) : "not probed";
  if (!up && address.cause) words += " (" + address.cause->enhanced_status + ")";
  out << fmt::format("      {} {:<24} {}\n", state, to_string(address.key.peer), words);
}

void print_server(std::ostream& out, const Ink& ink, const Checked& checked, const DomainServer& server,
                  const DomainRecord& role, Wall now) {
  const std::string preference = role.mx ? fmt::format("{:>5} ", server.preference) : "      ";
  const ServerRecord* record = checked.server(server.key);
  const std::string tls = record == nullptr ? "" : tls_words(record->tls, now);
  out << fmt::format("  {}{}{}\n", ink(Tone::dim, preference), ink(Tone::bold, server.key.server.view()),
                     tls.empty() ? "" : ink(Tone::dim, "  " + tls));
  const auto addresses = checked.addresses(server.key);
  for (const AddressRecord* address : addresses) print_address(out, ink, *address);
  if (addresses.empty()) out << "      " << ink(Tone::bad, "FAIL") << " no address that can be dialled\n";
  if (record == nullptr) return;
  if (record->auth_success)
    out << "      " << (*record->auth_success ? ink(Tone::good, "ok  ") : ink(Tone::bad, "FAIL")) << " login\n";
  for (const Finding finding : record->findings)
    out << "      " << ink(Tone::fair, "note") << ' ' << row(finding).sentence << '\n';
}

}  // namespace

void print_text(const Checked& checked, Wall now, bool colours, std::ostream& out) {
  const Ink ink(colours);
  for (const DomainRecord* role : checked.roles()) {
    const Verdict verdict = role->verdict.value_or(Verdict::undetermined);
    std::string head = ink(Tone::bold, role->key.domain.view());
    if (role->key.role == Role::submission) head += ink(Tone::dim, " submission");
    head += "  " + ink(tone_of(verdict), label(verdict));
    if (role->cause)
      head += fmt::format("  {} {}", label(role->cause->cause), ink(Tone::dim, role->cause->enhanced_status));
    out << head << ink(Tone::dim, "  " + rounded(checked.result().took)) << '\n';
    out << "  " << report::sentence(*role) << '\n';
    print_cause(out, ink, *role);
    for (const DomainServer& server : role->servers) print_server(out, ink, checked, server, *role, now);
  }
}

std::string rounded(Duration took) {
  const double ms = std::chrono::duration<double, std::milli>(took).count();
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 10'000) return fmt::format("{:.1f} s", ms / 1000);
  if (ms < 120'000) return fmt::format("{:.0f} s", ms / 1000);
  return fmt::format("{} min {} s", static_cast<int>(ms / 60'000), static_cast<int>(ms / 1000) % 60);
}

}  // namespace mxhealth::ctl
