// The text formats, piece by piece: Prometheus' 0.0.4 and OpenMetrics 1.0. Where they differ is decided here and
// nowhere else. Sample lines do not differ, so that both are cut from the same pages: only the lines before a family's
// samples and the end do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/catalogue.hpp"

namespace mxhealth::metrics {

enum class Format : std::uint8_t { text, openmetrics };

std::string_view content_type(Format format);
std::string_view end_of(Format format);  // what stands behind the last line

struct Label {
  std::string_view name;
  std::string_view value;
};

std::string header(const Metric& metric, Format format);
/// The lines # HELP, # TYPE and, in OpenMetrics, # UNIT of a family by its full name (counters with _total).
std::string header(std::string_view name, std::string_view type, std::string_view help, std::string_view unit,
                   Format format);
void append_label(std::string& out, const Label& label);  // name="value", escaped
void append_value(std::string& out, double value);        // shortest text that reads back as the same double
void append_edge(std::string& out, double edge);          // of a bucket: as above, but whole numbers as "1.0"

}  // namespace mxhealth::metrics
