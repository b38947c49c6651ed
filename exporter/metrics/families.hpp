// Families of prometheus-cpp as text in either format. Its own serializer leaves HELP unescaped and knows no
// OpenMetrics.
#pragma once

#include <string>
#include <vector>

#include "metrics/writer.hpp"

namespace prometheus {
struct MetricFamily;
}

namespace mxhealth::metrics {

/// Without the end of the format. Seconds and bytes at the end of a name are told as its unit.
std::string text_of(const std::vector<prometheus::MetricFamily>& families, Format format);

}  // namespace mxhealth::metrics
