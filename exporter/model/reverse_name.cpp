#include "model/reverse_name.hpp"

namespace mxhealth {

std::string reversed_labels(const Address& address) {
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

Name reverse_name(const Address& address) {
  const bool v4 = address.family() == Family::ipv4;
  return Name::parse(reversed_labels(address) + (v4 ? ".in-addr.arpa" : ".ip6.arpa")).value_or(Name{});
}

}  // namespace mxhealth
