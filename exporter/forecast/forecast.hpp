// What senders that try right now would do with a message to a domain (design section 2, Forecast). Pure.
// A sender model is one file (postfix.cpp, exim.cpp) and one row in table.cpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/judgement.hpp"
#include "model/route.hpp"

namespace mxhealth::forecast {

/// With random orders the likeliest outcome, ties to the worse, and the status of its likeliest ending. Nothing where
/// that depends on what we do not know.
std::optional<Forecast> forecast(const Route&, Sender);

/// Those of several senders, in the order asked for.
std::vector<Forecast> forecasts(const Route&, std::span<const Sender>);

}  // namespace mxhealth::forecast
