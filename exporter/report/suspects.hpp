// What people suspect behind "no answer", one by one: whether it can be it at all, what a sender logs then, and where
// this program shows it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/cause.hpp"

namespace mxhealth::report {

struct Suspect {
  std::string_view name;
  std::string_view truth;     ///< can it be behind 4.4.1, and what else does it look like
  std::vector<Cause> causes;  ///< how it reads here
  std::string_view shown;     ///< the metric that tells it from the others
};

std::span<const Suspect> suspects();

/// Where this program shows a cause.
struct Shown {
  std::string_view verdict;  ///< of a domain of which this is the cause
  std::string metric;        ///< series to look for
};
Shown shown(Cause);

}  // namespace mxhealth::report
