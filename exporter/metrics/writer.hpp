// The text format 0.0.4, piece by piece. What OpenMetrics writes differently is decided here and nowhere else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "metrics/catalogue.hpp"

namespace mxhealth::metrics {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

struct Label {
  std::string_view name;
  std::string_view value;
};

std::string header(const Metric& metric);                 // the lines # HELP and # TYPE
void append_label(std::string& out, const Label& label);  // name="value", escaped
void append_value(std::string& out, double value);        // shortest text that reads back as the same double

}  // namespace mxhealth::metrics
