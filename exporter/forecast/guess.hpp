// What we could not know: a verdict or a forecast stands only if it is the same whatever the unknown addresses would
// do. Each guess is one thing that they all might do.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/route.hpp"

namespace mxhealth::forecast {

struct Guess {
  Standing standing;
  Cause cause;
  std::string_view status;
};
/// Among them every way in which a verdict, and the conduct of a sender, can differ.
std::span<const Guess> guesses();
/// Of these, those by which verdicts differ; the second one is the plain failure.
std::span<const Guess> guesses_for_verdict();

/// A host whose addresses our own resolver could not tell is one unknown address.
Route as_if(Route route, const Guess& guess);

/// The first thing that we do not know, and why; `any` is false when we know all.
struct Unknown {
  bool any = false;
  std::optional<CauseFound> cause;
};
Unknown first_unknown(const Route& route);

}  // namespace mxhealth::forecast
