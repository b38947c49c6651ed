#include "policy/networks.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::policy {

Address unmapped(const Address& ip) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto bytes = ip.bytes();
  if (bytes.size() != 16 || !std::ranges::equal(bytes.first<12>(), kMapped)) return ip;
  return Address::v4(bytes.last<4>());
}

bool within(const Address& ip, const Address& network, int bits) {
  if (ip.family() != network.family()) return false;
  const auto a = ip.bytes();
  const auto b = network.bytes();
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i, bits -= 8) {
    const unsigned mask = bits >= 8 ? 0xffU : 0xffU & (0xff00U >> static_cast<unsigned>(bits));
    if (((a[i] ^ b[i]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace mxhealth::policy
