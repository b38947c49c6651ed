// A route as Postfix walks it, which is the verdict's walk, too: hosts without addresses are dropped, the list is cut
// where the sender would meet itself (RFC 5321 section 5.1), addresses of equal preference come in random order.
// Counting is exact, not sampled: every order is followed, equal tries as one.
#pragma once

#include <optional>
#include <vector>

#include "model/judgement.hpp"
#include "model/route.hpp"

namespace mxhealth::forecast {

/// What a try does to the walk.
enum class Outcome : std::uint8_t {
  delivers,
  moves_on,  ///< fails; the sender goes on to the next
  ends,      ///< fails for good: the sender bounces
};

struct Try {
  const RouteAddress* at = nullptr;
  Outcome outcome = Outcome::delivers;
  bool is_session = false;  ///< counts as a session, though it moves on
  std::size_t host = 0;     ///< within its tier
  double decides = 0;       ///< the share of orders in which it delivers or ends the walk
  double last = 0;          ///< the share of orders in which nothing does, and this was the last try
};
using TryOf = Try (*)(const RouteAddress&);
using Tier = std::vector<Try>;  // of one preference

/// How far a sender goes.
struct Patience {
  unsigned tries = 0;
  unsigned sessions = 0;
};
/// smtp_mx_address_limit, and smtp_mx_session_limit for sessions that got past EHLO and TLS.
inline constexpr Patience kPostfixPatience{5, 2};

/// A try as the verdict sees it: as Postfix does, but a failed opportunistic handshake delivers.
Try try_of(const RouteAddress&);

struct Walk {
  std::vector<Tier> tiers;             ///< by preference, none empty; those that no order reaches are left out
  const RouteHost* loop_at = nullptr;  ///< the list was cut here, where the sender would meet itself
  std::optional<CauseFound> loop = {};
};
/// Points into the route. Where both families together exceed the patience, neither crowds out the other, as
/// smtp_balance_inet_protocols has it.
Walk walk_of(const Route& route, Patience patience, TryOf try_of);
Walk walk_of(Route&&, Patience, TryOf) = delete;

/// The first host where the sender would meet itself, and why; null: none.
const RouteHost* meeting_itself(const Route& route);
std::optional<CauseFound> loop_of(const RouteHost& host);

struct Prospect {
  bool some = false;   ///< some order delivers
  bool every = false;  ///< every order delivers
  double share = 0;    ///< of the orders that deliver
};
Prospect prospect(const Walk&);

}  // namespace mxhealth::forecast
