// Small pictures in the page itself (SVG without styles of its own, which the Content-Security-Policy would refuse):
// the verdicts of the last day as a strip, durations of phases as bars. Each says the same in words beside it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/history.hpp"

namespace mxhealth::web {

std::string verdict_strip(const std::deque<report::VerdictChange>& changes, Wall now);
std::string phase_bars(const std::vector<std::pair<Phase, Duration>>& durations);

}  // namespace mxhealth::web
