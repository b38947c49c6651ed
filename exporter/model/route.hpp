// The way mail would take to a domain: its hosts by preference, their addresses, and what is known of each under the
// domain's TLS policy. What it amounts to is forecast's business.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/address.hpp"
#include "model/judgement.hpp"
#include "model/name.hpp"

namespace mxhealth {

/// What an address does with a message, from its latest confirmed observation.
enum class Standing : std::uint8_t {
  unknown,   ///< never observed, or only causes of our own: it might do anything
  good,      ///< takes it
  impaired,  ///< takes it, but an opportunistic handshake fails: some senders defer (`cause`)
  failing,   ///< does not take it (`cause`)
};

struct RouteAddress {
  Address address;
  Standing standing = Standing::unknown;
  std::optional<CauseFound> cause;
  friend bool operator==(const RouteAddress&, const RouteAddress&) = default;
};

struct RouteHost {
  std::uint16_t preference = 0;  ///< 0 for submission hosts
  ServerName server;
  std::optional<CauseFound> dns;  ///< why it has no addresses
  std::vector<RouteAddress> addresses;
  friend bool operator==(const RouteHost&, const RouteHost&) = default;
};

struct Route {
  std::optional<CauseFound> dns;  ///< why there are no hosts
  std::vector<RouteHost> hosts;   ///< sorted by preference, then name
  friend bool operator==(const Route&, const Route&) = default;
};

}  // namespace mxhealth
