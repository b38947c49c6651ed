#include "report/target_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <set>

#include "report/words.hpp"

namespace mxhealth::report {
namespace {

enum class Tone : std::uint8_t { bold, dim, good, fair, bad, unknown };

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
    case Verdict::no_mail: return Tone::good;
    case Verdict::degraded:
    case Verdict::at_risk: return Tone::fair;
    case Verdict::unreachable:
    case Verdict::tempfail:
    case Verdict::rejecting: return Tone::bad;
    case Verdict::undetermined: break;
  }
  return Tone::unknown;
}

std::string_view whose(Side side) {
  switch (side) {
    case Side::ours: return "ours: this host, its network or its resolver";
    case Side::path: return "the path between us and them";
    case Side::theirs: return "theirs: the operator of the mail host";
    case Side::dns: return "theirs: the operator of the domain's DNS";
    case Side::unknown: break;
  }
  return "not known";
}

std::string date(Wall at) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(at))); }

std::string left(Wall now, Wall end) {
  const auto days = std::chrono::floor<std::chrono::days>(end - now).count();
  if (days < 0) return "expired";
  return days == 1 ? "1 day left" : fmt::format("{} days left", days);
}

/// "TLSv1.3, certificate until 2027-01-02 (40 days left)".
std::string tls_words(const ServerTls& tls, Wall now) {
  if (tls.version.empty()) return tls.starttls_advertised == false ? "no STARTTLS" : "";
  std::string words = tls.version;
  if (tls.leaf_not_after)
    words += fmt::format(", certificate until {} ({})", date(*tls.leaf_not_after), left(now, *tls.leaf_not_after));
  if (tls.chain_ok == false) words += ", not trusted";
  if (tls.hostname_ok == false) words += ", for another name";
  return words;
}

std::string timings(const AddressRecord& address) {
  std::string words;
  for (const auto& [phase, took] : address.durations)
    if (phase != Phase::quit) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", label(phase), rounded(took));
  return words;
}

class Writer {
 public:
  Writer(const OneTarget& target, Wall now, Colours colours) : target_(target), now_(now), colours_(colours) {}

  void role(const DomainRecord& role, Duration took) {
    const Verdict verdict = role.verdict.value_or(Verdict::undetermined);
    std::string head = ink(Tone::bold, role.key.domain.view());
    if (role.key.role == Role::submission) head += ink(Tone::dim, " (submission)");
    head += "  " + ink(tone_of(verdict), label(verdict));
    if (role.cause) head += fmt::format("  {} {}", label(role.cause->cause), role.cause->enhanced_status);
    text_ += head + ink(Tone::dim, "  in " + rounded(took)) + "\n  " + sentence(role) + '\n';
    cause(role);
    std::set<ServerKey> said;  // a server stands in the set once for each of its preferences
    for (const DomainServer& place : role.servers)
      if (said.insert(place.key).second) server(place, role);
  }
  void policies() {
    for (const PolicyRecord* record : target_.policies()) policy(*record);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string ink(Tone tone, std::string_view words) const {
    static constexpr const char* kCodes[] = {"1", "2", "32", "33", "31", "35"};
    if (colours_ == Colours::none) return std::string(words);
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(tone)], words);
  }
  void line(std::string_view name, std::string_view words) {
    if (!words.empty()) text_ += fmt::format("  {} {}\n", ink(Tone::dim, fmt::format("{:<6}", name)), words);
  }

  void cause(const DomainRecord& role) {
    if (!role.cause) return;
    line("why", explanation(role));
    line("side", whose(role.cause->side));
    std::string_view name = "first";
    for (const std::string& check : first_checks(role)) {
      line(name, check);
      name = "then";
    }
  }

  void server(const DomainServer& place, const DomainRecord& role) {
    const ServerRecord* record = target_.server(place.key);
    const std::string preference = role.mx ? fmt::format("{:>4}", place.preference) : "host";
    const std::string tls = record == nullptr ? "" : tls_words(record->tls, now_);
    line(preference, ink(Tone::bold, place.key.server.view()) + (tls.empty() ? "" : "  " + ink(Tone::dim, tls)));
    const auto addresses = target_.addresses_of(place.key);
    for (const AddressRecord* one : addresses) address(*one);
    if (addresses.empty() && role.verdict != Verdict::no_mail) detail(ink(Tone::dim, "--  "), "no address was dialled");
    if (record == nullptr) return;
    if (record->auth_success) detail(*record->auth_success ? ink(Tone::good, "ok  ") : ink(Tone::bad, "FAIL"), "login");
    for (const Finding finding : record->findings) detail(ink(Tone::fair, "note"), row(finding).sentence);
  }

  void address(const AddressRecord& one) {
    const std::string peer = fmt::format("{:<22} ", to_string(one.key.peer));
    if (one.up == true) return detail(ink(Tone::good, "ok  "), peer + timings(one));
    if (!one.cause) return detail(ink(Tone::dim, "--  "), peer + "no result");
    const Tone tone = class_of(one.cause->cause) == CauseClass::local ? Tone::unknown : Tone::bad;
    detail(ink(tone, "FAIL"), peer + std::string(label(one.cause->cause)) + " " + one.cause->enhanced_status);
  }

  void policy(const PolicyRecord& record) {
    const PolicyFacts& facts = record.facts;
    std::string words = fmt::format("{:<8} {}", label(record.key.policy), facts.present ? facts.mode : "none");
    const auto& notes = facts.looked_up ? facts.notes : record.trouble;
    for (const PolicyNote& note : notes) words += "; " + note.sentence;
    if (facts.present || !notes.empty()) line("policy", words);
  }

  void detail(const std::string& state, std::string_view words) {
    text_ += fmt::format("         {} {}\n", state, words);
  }

  const OneTarget& target_;
  Wall now_;
  Colours colours_;
  std::string text_;
};

}  // namespace

std::string target_text(const OneTarget& target, Duration took, Wall now, Colours colours) {
  Writer writer(target, now, colours);
  for (const DomainRecord* role : target.roles()) writer.role(*role, took);
  writer.policies();
  return writer.take();
}

std::string rounded(Duration took) {
  const double ms = std::chrono::duration<double, std::milli>(took).count();
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 10'000) return fmt::format("{:.1f} s", ms / 1000);
  if (ms < 120'000) return fmt::format("{:.0f} s", ms / 1000);
  return fmt::format("{} min {} s", static_cast<int>(ms / 60'000), static_cast<int>(ms / 1000) % 60);
}

}  // namespace mxhealth::report
