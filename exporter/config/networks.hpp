// Readers of addresses, of addresses with a port, and of networks in CIDR notation. Names are not looked up.
#pragma once

#include <cstdint>
#include <optional>

#include "config/config.hpp"
#include "config/reader.hpp"
#include "model/address.hpp"

namespace mxhealth::config {

std::optional<Address> address(const Field&);

/// 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or [2001:db8::1]:5353.
struct PeerWithPort {
  std::uint16_t usual_port;
  std::optional<Peer> operator()(const Field&) const;
};

/// 192.0.2.0/24, or an address alone; at least so many bits, and no bit set below them.
struct NetworkOf {
  int least_bits_v4;
  int least_bits_v6;
  std::optional<Network> operator()(const Field&) const;
};

/// An IPv4 address in IPv6's clothes lies in no IPv4 network.
bool contains(const Network& network, const Address& address);

}  // namespace mxhealth::config
