// Compares what an exposition says of blocklists with what a scenario expects.
#pragma once

#include <string>
#include <vector>

#include "lab/exposition.hpp"
#include "lab/world.hpp"

namespace mxhealth::lab {

/// The states as they must become: each subject's, and whether each list is believed.
std::vector<std::string> list_differences(const World& world, const Scenario& scenario, const Exposition& exposition);

}  // namespace mxhealth::lab
