#include "dnsbl/list.hpp"

#include <algorithm>
#include <charconv>

namespace mxhealth::dnsbl {
namespace {

std::optional<std::uint8_t> octet(std::string_view text) {
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// "10", "10-11" or "*".
std::optional<CodePattern::Octets> octets(std::string_view text) {
  if (text == "*") return CodePattern::Octets{};
  const auto dash = text.find('-');
  const auto least = octet(text.substr(0, dash));
  const auto most = dash == std::string_view::npos ? least : octet(text.substr(dash + 1));
  if (!least || !most || *least > *most) return std::nullopt;
  return CodePattern::Octets{*least, *most};
}

}  // namespace

bool CodePattern::contains(const Address& address) const {
  if (address.family() != Family::ipv4) return false;
  const auto bytes = address.bytes();
  for (std::size_t i = 0; i < octets.size(); ++i)
    if (bytes[i] < octets[i].least || bytes[i] > octets[i].most) return false;
  return true;
}

std::optional<CodePattern> CodePattern::parse(std::string_view text) {
  CodePattern pattern;
  for (std::size_t i = 0; i < pattern.octets.size(); ++i) {
    const bool last = i + 1 == pattern.octets.size();
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != last) return std::nullopt;
    const auto read = dnsbl::octets(text.substr(0, dot));
    if (!read) return std::nullopt;
    pattern.octets[i] = *read;
    if (!last) text.remove_prefix(dot + 1);
  }
  constexpr Octets kLoopback{127, 127};
  return pattern.octets[0] == kLoopback ? std::optional(pattern) : std::nullopt;
}

TestPoints rfc5782_points(ListKind kind) {
  switch (kind) {
    case ListKind::ipv4: return {*Address::parse("127.0.0.2"), *Address::parse("127.0.0.1")};
    case ListKind::ipv6: return {*Address::parse("::ffff:127.0.0.2"), *Address::parse("::ffff:127.0.0.1")};
    case ListKind::domain: return {*Name::parse("test"), *Name::parse("invalid")};
  }
  return {};
}

bool List::has(ListKind kind) const { return std::ranges::find(kinds, kind) != kinds.end(); }

}  // namespace mxhealth::dnsbl
