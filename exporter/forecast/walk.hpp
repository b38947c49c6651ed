// A route as a sender's list of tries: one tier per preference, inside which the order is random.
// Hosts without addresses are no tries; where the sender would meet itself the list is cut (RFC 5321 section 5.1). The
// counting is exact, not sampled: a walk is decided in the first tier with a try that does not just move on, and each
// such try of that tier is equally likely to be met first.
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
  Standing standing = Standing::good;
  Outcome outcome = Outcome::delivers;
  std::optional<CauseFound> cause;
};
Try try_of(const RouteAddress&);

using Tier = std::vector<Try>;
std::size_t count(const Tier&, Outcome);

struct Walk {
  /// By preference, none empty. Tiers that no order reaches are left out: the last one decides.
  std::vector<Tier> tiers;
  unsigned slots = 0;              ///< tries left when the last tier begins
  std::optional<CauseFound> loop;  ///< the list was cut where the sender would meet itself
};
Walk walk_of(const Route& route, unsigned horizon);

struct Prospect {
  bool some = false;   ///< some order delivers
  bool every = false;  ///< every order delivers
  double share = 0;    ///< of the orders that deliver
};
Prospect prospect(const Walk&);

}  // namespace mxhealth::forecast
