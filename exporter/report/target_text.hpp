// A target's report for people at a terminal: the verdict and its words first, then what to do, then the hosts with
// what each address did. What is well takes one line. No text of a server's gets here that is not printable.
#pragma once

#include <string>

#include "model/time.hpp"
#include "report/one_target.hpp"

namespace mxhealth::report {

enum class Colours : std::uint8_t { none, ansi };

/// `took`: the look at it; `now`: to say how long certificates have left.
std::string target_text(const OneTarget&, Duration took, Wall now, Colours colours);

/// "0.4 ms", "42 ms", "1.2 s", "2 min 5 s".
std::string rounded(Duration);

}  // namespace mxhealth::report
