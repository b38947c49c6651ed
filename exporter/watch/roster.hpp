// From configuration and DNS facts to the sessions they ask for. Pure: what to dial, under which names, and what must
// not be dialled. Nothing here starts anything.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "config/config.hpp"
#include "model/address.hpp"
#include "model/dns_facts.hpp"
#include "model/name.hpp"

namespace mxhealth::watch {

/// What one session is made with. STARTTLS or not is the dialogue's; TLS from the first byte is another session.
struct EndpointKey {
  Peer peer;
  bool implicit_tls = false;
  friend auto operator<=>(const EndpointKey&, const EndpointKey&) = default;
};

/// A session wanted on behalf of a server name.
struct Wish {
  EndpointKey endpoint;
  ServerName server;
  friend auto operator<=>(const Wish&, const Wish&) = default;
};

/// Which addresses may be dialled at all.
struct AddressRules {
  config::Families families = config::Families::both;
  bool non_public = false;              ///< limits.non_public_targets
  std::vector<config::Network> also{};  ///< dialled though not public
  bool from_mx_record = true;           ///< then this host's own addresses are never dialled (mx_loop)
  std::size_t per_server = 8;           ///< limits.addresses_per_server
};

struct Selected {
  std::vector<Address> dial;
  std::vector<Address> refuse;  ///< not public, or ourselves
  std::size_t dropped = 0;      ///< beyond the cap
};

bool may_dial(const Address& address, const AddressRules& rules);

/// Addresses already probed (`kept`) come first under the cap, so that a long set does not flicker.
Selected select_addresses(const HostFacts& host, std::span<const Address> kept, const AddressRules& rules);

inline EndpointKey endpoint_key(const Address& address, const config::Module& module) {
  return {.peer = {address, module.port}, .implicit_tls = module.tls == TlsPolicy::implicit};
}

}  // namespace mxhealth::watch
