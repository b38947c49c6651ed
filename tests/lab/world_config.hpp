// What the parts of the exporter's configuration share. For world_*.cpp alone: yaml-cpp stays out of world.hpp.
#pragma once

#include <yaml-cpp/yaml.h>

namespace mxhealth::lab {

/// Maps are merged, everything else is replaced.
void merge_config(YAML::Node into, const YAML::Node& from);

}  // namespace mxhealth::lab
