// A route as a sender's list of tries: one tier per preference, inside which the order is random.
// Hosts without addresses are no tries; where the sender would meet itself the list is cut (RFC 5321 section 5.1).
// Counting is exact, not sampled.
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
  std::size_t host = 0;     ///< tries of one host are made one after another, in random order
};
using TryOf = Try (*)(const RouteAddress&);

using Tier = std::vector<Try>;
std::size_t count(const Tier&, Outcome);

/// How far a sender goes.
struct Patience {
  unsigned tries = 0;
  unsigned sessions = 0;
};

/// What comes of a tier over all its orders, by try: each share is of those orders in which...
struct Draw {
  std::vector<double> decides;  ///< ...this try delivers or ends the walk
  std::vector<double> last;     ///< ...all that were tried moved on, and this one was the last of them
};
/// At most kMostTries tries and kMostSessions sessions are drawn; sessions are counted where each try is its own host.
inline constexpr unsigned kMostTries = 5;
inline constexpr unsigned kMostSessions = 2;
Draw draw(const Tier&, Patience left);

/// Postfix' patience: smtp_mx_address_limit, and smtp_mx_session_limit for sessions that got past EHLO and TLS.
inline constexpr Patience kPostfixPatience{5, 2};

/// A try as the verdict sees it, whose walk is Postfix' but for failed opportunistic handshakes: those deliver.
Try try_of(const RouteAddress&);

struct Walk {
  /// By preference, none empty. Tiers that no order reaches are left out: the last one decides.
  std::vector<Tier> tiers;
  Patience left;                        ///< when the last tier begins
  const RouteHost* loop_at = nullptr;   ///< the list was cut here, where the sender would meet itself
  std::optional<CauseFound> loop = {};  ///< why
};
/// Points into the route. Each try is its own host: Postfix shuffles addresses.
Walk walk_of(const Route& route, Patience patience, TryOf try_of);
Walk walk_of(Route&&, Patience, TryOf) = delete;

/// The first host, or address of it, where the sender would meet itself; null: none.
const RouteHost* meeting_itself(const Route& route);
std::optional<CauseFound> loop_of(const RouteHost& host);

struct Prospect {
  bool some = false;   ///< some order delivers
  bool every = false;  ///< every order delivers
  double share = 0;    ///< of the orders that deliver
};
Prospect prospect(const Walk&);

}  // namespace mxhealth::forecast
