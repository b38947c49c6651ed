// The clock that waits and durations go by: no step of the wall clock makes one longer, or less than nothing.
#pragma once

#include "model/time.hpp"

namespace mxhealth::net {

inline Mono now() { return std::chrono::steady_clock::now(); }

}  // namespace mxhealth::net
