// The two clocks, never mixed: Mono measures and schedules, Wall dates things for people and certificates.
// Nobody in the pure rooms reads a clock: time is an argument.
#pragma once

#include <chrono>

namespace mxhealth {

using Mono = std::chrono::steady_clock::time_point;
using Wall = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

/// Both clocks read together, so that a record can date what was measured.
struct Instant {
  Mono mono;
  Wall wall;
};

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
inline double unix_seconds(Wall t) { return std::chrono::duration<double>(t.time_since_epoch()).count(); }

}  // namespace mxhealth
