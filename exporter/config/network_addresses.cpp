#include "config/network_addresses.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::config {
namespace {

constexpr int kHostBits = 8;

// Host bits are zero in a configured network, so the last octet is all that counts up.
Address with_last_octet(const Address& base, unsigned last) {
  const auto bytes = base.bytes();
  if (base.family() == Family::ipv4) {
    std::array<std::uint8_t, 4> v4{};
    std::ranges::copy(bytes, v4.begin());
    v4.back() = static_cast<std::uint8_t>(last);
    return Address::v4(v4);
  }
  std::array<std::uint8_t, 16> v6{};
  std::ranges::copy(bytes, v6.begin());
  v6.back() = static_cast<std::uint8_t>(last);
  return Address::v6(v6);
}

}  // namespace

std::vector<Address> addresses_of(const Network& network) {
  const int all_bits = network.address.family() == Family::ipv4 ? 32 : 128;
  const int host_bits = std::clamp(all_bits - network.bits, 0, kHostBits);
  const unsigned first = network.address.bytes().back();
  std::vector<Address> all;
  for (unsigned i = 0; i < 1U << static_cast<unsigned>(host_bits); ++i)
    all.push_back(with_last_octet(network.address, first + i));
  return all;
}

}  // namespace mxhealth::config
