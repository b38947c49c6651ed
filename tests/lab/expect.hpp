// Compares an exposition (text format 0.0.4) with what the scenarios of a world expect. The oracle of the integration
// and end-to-end tests: knows the format, not the exporter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/world.hpp"

namespace mxhealth::lab {

/// One sentence for each thing that is not as expected; empty when all is well. An expected line matches a series that
/// has at least its labels; its value is a number, `*` for any, or a comparison such as `>0`.
std::vector<std::string> differences(const World& world, const Scenario& scenario, std::string_view exposition);
/// All scenarios of the world.
std::vector<std::string> differences(const World& world, std::string_view exposition);

/// What must not be said at any time, not even before all is known: a listing or a clean bill that is none, a secret.
std::vector<std::string> false_statements(const World& world, std::string_view exposition);

}  // namespace mxhealth::lab
