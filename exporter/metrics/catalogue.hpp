// Which metrics about targets exist. Each is one row of a table in a lines_*.cpp: name, type, help, unit and the
// function that reads its values from a record. To add a metric, add a row there; nothing else knows metrics by name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mxhealth::metrics {

inline constexpr std::string_view kPrefix = "mxhealth_";

enum class Type : std::uint8_t { gauge, counter, histogram };

struct Metric {
  std::string_view name;  // without the prefix; counters with _total
  Type type = Type::gauge;
  std::string_view help;
  std::string_view unit = {};  // "seconds" where the name says so: OpenMetrics wants it told
};

/// All of them, in the order of exposition.
std::vector<Metric> catalogue();

}  // namespace mxhealth::metrics
