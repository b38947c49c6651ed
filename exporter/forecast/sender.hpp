// What a sender model is made of: from a route of which everything is known to all that its first attempt may end in,
// with how likely each is over the random orders of equal preferences. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/judgement.hpp"
#include "model/route.hpp"

namespace mxhealth::forecast {

struct Ending {
  DeliveryOutcome outcome = DeliveryOutcome::deliver;
  std::string status;
  double share = 1;
};
using Endings = std::vector<Ending>;

Endings postfix_endings(const Route&);
Endings exim_endings(const Route&);

// --- What models have in common

/// Named after the reply's own status where one was given, else after the cause; a deferral is 4.x.x, a bounce 5.x.x.
inline Ending delivered(double share) { return {DeliveryOutcome::deliver, "2.0.0", share}; }
Ending deferred(const RouteAddress& failing, double share);
Ending bounced(const RouteAddress& failing, double share);

/// Postfix and Exim alike keep a message whose failure may pass, and give up on any other (RFC 3463 section 2).
Ending failed(const CauseFound& cause);

}  // namespace mxhealth::forecast
