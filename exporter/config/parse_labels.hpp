// The `labels` of a target, which become labels of its info metric: hence Prometheus' rules and bounds.
#pragma once

#include <map>
#include <string>

#include "config/reader.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMaxLabels = 16;  // of one target
inline constexpr std::size_t kMaxLabelName = 64;
inline constexpr std::size_t kMaxLabelValue = 256;

std::map<std::string, std::string> parse_labels(const Field&);

}  // namespace mxhealth::config
