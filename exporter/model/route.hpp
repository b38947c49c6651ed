// The way mail would take to a domain: its hosts by preference, their addresses, and what is known of each under the
// domain's TLS policy. What it amounts to is forecast's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/judgement.hpp"
#include "model/name.hpp"
#include "model/phase.hpp"

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
  std::optional<CauseFound> now;  ///< said last, and kept out of `standing`: throttled, greylisted. Forecasts follow it
  std::uint16_t reply_code = 0;   ///< of the reply that `now`, else `cause`, is about; 0: no reply is
  std::string reply_status;       ///< its enhanced status, X.0.0 where it has none, as a label
  bool past_hello = false;        ///< it came behind EHLO and TLS: senders count that as a session
  Phase ended_in = Phase::connect;
  TlsPolicy policy = TlsPolicy::opportunistic;  ///< the target's
  bool old_tls = false;                         ///< older than TLS 1.2
  /// Why senders that keep to DANE or an enforced MTA-STS policy do not deliver here, whatever others do.
  std::optional<CauseFound> enforced = {};
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
  std::optional<CauseFound>
      dns;                       ///< why there are no hosts; mx_null may stand beside some (against RFC 7505 section 3)
  std::vector<RouteHost> hosts;  ///< sorted by preference, then name
  friend bool operator==(const Route&, const Route&) = default;
};

}  // namespace mxhealth
