// A tier whose hosts come in random order, the addresses of each in a row: what the first few tries come to, counted
// exactly over all orders.
#pragma once

#include "forecast/walk.hpp"

namespace mxhealth::forecast {

/// At most so many tries are drawn.
inline constexpr std::size_t kMostTries = 5;

/// Tells each try its shares when `most` may be made, by its `host`; what is undecided goes on after the last one.
void draw(Tier& tier, std::size_t most);

}  // namespace mxhealth::forecast
