#include "dnsbl/query_name.hpp"

#include <string>

namespace mxhealth::dnsbl {
namespace {

// RFC 5782 section 2.1: the octets of an IPv4 address in decimal, the last one first.
// Section 2.4: the nibbles of an IPv6 address in hexadecimal, the last one first.
std::string turned_round(const Address& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  const auto bytes = address.bytes();
  for (std::size_t i = bytes.size(); i-- > 0;) {
    if (!text.empty()) text += '.';
    if (address.family() == Family::ipv4) {
      text += std::to_string(bytes[i]);
      continue;
    }
    text += kDigits[bytes[i] & 0x0fU];
    text += '.';
    text += kDigits[bytes[i] >> 4U];
  }
  return text;
}

std::string of_subject(const Subject& subject) {
  if (const auto* address = std::get_if<Address>(&subject)) return turned_round(*address);
  return std::get<DomainName>(subject).str();
}

std::optional<Name> in_zone(const List& list, std::string name) {
  if (list.zone.is_root() || name.empty()) return std::nullopt;
  if (list.keyed) {
    const std::string& key = list.key.reveal();
    if (key.empty() || key.find('.') != std::string::npos) return std::nullopt;
    name.append(".").append(key);
  }
  return Name::parse(name.append(".").append(list.zone.str()));
}

}  // namespace

std::optional<Name> query_name(const List& list, const Subject& subject) { return in_zone(list, of_subject(subject)); }

std::optional<Name> absent_name(const List& list, std::string_view label) { return in_zone(list, std::string(label)); }

}  // namespace mxhealth::dnsbl
