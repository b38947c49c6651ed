#include "policy/spf_terms.hpp"

#include <algorithm>
#include <charconv>

#include "model/transcript.hpp"
#include "policy/spf_macros.hpp"

namespace mxhealth::policy {
namespace {

using Kind = SpfMechanism::Kind;

constexpr std::string_view kVersion = "v=spf1";
constexpr std::size_t kMaxTermShown = 60;

enum class Argument : std::uint8_t { none, optional_domain, domain, address };
enum class Lengths : std::uint8_t { none, v4, v6, both };

/// One row per mechanism of section 5.
struct Row {
  Kind kind;
  std::string_view name;
  Argument argument;
  Lengths lengths;
};
constexpr Row kRows[] = {
    {Kind::all, "all", Argument::none, Lengths::none},
    {Kind::include, "include", Argument::domain, Lengths::none},
    {Kind::a, "a", Argument::optional_domain, Lengths::both},
    {Kind::mx, "mx", Argument::optional_domain, Lengths::both},
    {Kind::ptr, "ptr", Argument::optional_domain, Lengths::none},
    {Kind::ip4, "ip4", Argument::address, Lengths::v4},
    {Kind::ip6, "ip6", Argument::address, Lengths::v6},
    {Kind::exists, "exists", Argument::domain, Lengths::none},
};

std::string lower(std::string_view text) {
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return folded;
}

/// RFC 5234's 0 to `most` without leading zeros.
std::optional<int> prefix_length(std::string_view digits, int most) {
  int number = 0;
  const bool form = !digits.empty() && digits.front() >= '0' && digits.front() <= '9';
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  const bool padded = digits.size() > 1 && digits.front() == '0';
  return form && whole && !padded && number <= most ? std::optional(number) : std::nullopt;
}

/// Takes "/DIGITS" off the end of `text`, which may be less than a length.
std::optional<std::string_view> cut_length(std::string_view& text) {
  const std::size_t last = text.find_last_not_of("0123456789");
  if (last == std::string_view::npos || text[last] != '/') return std::nullopt;
  const std::string_view digits = text.substr(last + 1);
  text = text.substr(0, last);
  return digits;
}

/// Reads the prefix lengths at the end of `rest` and cuts them off.
std::optional<std::string> read_lengths(std::string_view& rest, Lengths lengths, SpfMechanism& mechanism) {
  if (lengths == Lengths::none) return std::nullopt;
  auto digits = cut_length(rest);
  if (!digits) return std::nullopt;
  const auto read = [](std::string_view text, int most, int& bits) {
    const auto number = prefix_length(text, most);
    bits = number.value_or(most);
    return number.has_value();
  };
  constexpr auto kFault = "a prefix length that is none";
  if (lengths == Lengths::v6) return read(*digits, 128, mechanism.bits_v6) ? std::nullopt : std::optional(kFault);
  if (lengths == Lengths::both && rest.ends_with('/')) {
    rest.remove_suffix(1);
    if (!read(*digits, 128, mechanism.bits_v6)) return kFault;
    digits = cut_length(rest);
    if (!digits) return std::nullopt;
  }
  return read(*digits, 32, mechanism.bits_v4) ? std::nullopt : std::optional(kFault);
}

std::optional<std::string> read_address(std::string_view text, SpfMechanism& mechanism) {
  const Family family = mechanism.kind == Kind::ip4 ? Family::ipv4 : Family::ipv6;
  const auto address = Address::parse(text);
  if (!address || address->family() != family) return "not an address of " + std::string(label(family));
  mechanism.network = *address;
  return std::nullopt;
}

/// `rest` is what stands behind the name: "", ":..." or "/...".
std::optional<std::string> read_argument(std::string_view rest, const Row& row, SpfMechanism& mechanism) {
  if (auto fault = read_lengths(rest, row.lengths, mechanism)) return fault;
  const bool given = rest.starts_with(':');
  if (!rest.empty() && !given) return "a prefix length that is none, or not allowed";
  if (given) rest.remove_prefix(1);
  switch (row.argument) {
    case Argument::none: return given ? std::optional("an argument, where none is allowed") : std::nullopt;
    case Argument::address: return read_address(rest, mechanism);
    case Argument::optional_domain:
      if (!given) return std::nullopt;
      break;
    case Argument::domain: break;
  }
  mechanism.domain = rest;
  return fault_of_domain(rest);
}

std::optional<SpfQualifier> qualifier(char c) {
  switch (c) {
    case '+': return SpfQualifier::pass;
    case '-': return SpfQualifier::fail;
    case '~': return SpfQualifier::softfail;
    case '?': return SpfQualifier::neutral;
    default: return std::nullopt;
  }
}

std::optional<std::string> read_mechanism(std::string_view term, SpfRecord& record) {
  SpfMechanism mechanism;
  if (const auto written = qualifier(term.front())) {
    mechanism.qualifier = *written;
    term.remove_prefix(1);
  }
  const std::size_t end = std::min(term.size(), term.find_first_of(":/"));
  const auto* row = std::ranges::find(kRows, lower(term.substr(0, end)), &Row::name);
  if (row == std::end(kRows)) return "no such mechanism";
  mechanism.kind = row->kind;
  auto fault = read_argument(term.substr(end), *row, mechanism);
  record.mechanisms.push_back(std::move(mechanism));
  return fault;
}

/// Section 4.6.1: a letter, then letters, digits, "-", "_" and ".".
bool is_modifier_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; };
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, fits);
}

std::optional<std::string> read_once(std::string_view value, std::optional<std::string>& out) {
  if (out) return "a modifier that may be there once";
  out = std::string(value);
  return fault_of_domain(value);
}

std::optional<std::string> read_modifier(std::string_view name, std::string_view value, SpfRecord& record) {
  const std::string folded = lower(name);
  if (folded == "redirect") return read_once(value, record.redirect);
  if (folded == "exp") return read_once(value, record.explanation);
  record.unknown.push_back({folded, std::string(value)});
  return fault_of_macros(value, MacroLetters::of_explanations);
}

/// What has "=" behind a name is a modifier, whatever else is in it.
std::optional<std::string> read_term(std::string_view term, SpfRecord& record) {
  const std::size_t equals = term.find('=');
  if (equals != std::string_view::npos && is_modifier_name(term.substr(0, equals)))
    return read_modifier(term.substr(0, equals), term.substr(equals + 1), record);
  return read_mechanism(term, record);
}

}  // namespace

std::string_view label(SpfMechanism::Kind kind) { return kRows[static_cast<std::size_t>(kind)].name; }

std::string to_string(const SpfMechanism& one) {
  std::string text;
  if (one.qualifier != SpfQualifier::pass) text += "+-~?"[static_cast<std::size_t>(one.qualifier)];
  text += label(one.kind);
  if (!one.domain.empty()) text += ":" + one.domain;
  if (one.network) text += ":" + one.network->to_string();
  if (one.bits_v4 != 32) text += "/" + std::to_string(one.bits_v4);
  if (one.bits_v6 != 128) text += (one.kind == Kind::ip6 ? "/" : "//") + std::to_string(one.bits_v6);
  return printable(text, kMaxTermShown);
}

std::string to_string(const SpfError& error) { return error.term.empty() ? error.why : error.term + ": " + error.why; }

bool is_spf(std::string_view text) {
  if (lower(text.substr(0, kVersion.size())) != kVersion) return false;
  return text.size() == kVersion.size() || text[kVersion.size()] == ' ';
}

std::variant<SpfRecord, SpfError> parse_spf(std::string_view text) {
  if (!is_spf(text)) return SpfError{"it does not begin with v=spf1"};
  if (text.size() > kMaxSpfRecord) return SpfError{"longer than " + std::to_string(kMaxSpfRecord) + " octets"};
  SpfRecord record;
  std::size_t terms = 0;
  std::string_view rest = text.substr(kVersion.size());
  for (std::size_t at = rest.find_first_not_of(' '); at != std::string_view::npos; at = rest.find_first_not_of(' ')) {
    rest.remove_prefix(at);
    const std::string_view term = rest.substr(0, rest.find(' '));
    rest.remove_prefix(term.size());
    if (++terms > kMaxSpfTerms) return SpfError{"more than " + std::to_string(kMaxSpfTerms) + " terms"};
    if (auto fault = read_term(term, record)) return SpfError{*std::move(fault), printable(term, kMaxTermShown)};
  }
  return record;
}

}  // namespace mxhealth::policy
