// What the client likes best, from its header fields Accept and Accept-Encoding (RFC 9110 section 12.5): ranges with
// weights, the most exact one counts. What cannot be read counts as not said.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "metrics/writer.hpp"

namespace mxhealth::web {

/// Whether gzip is taken and not liked less than no coding at all.
bool accepts_gzip(std::string_view accept_encoding);

/// OpenMetrics only for those who name it, in a version that we write, and like it no less than plain text. Who takes
/// neither gets plain text: a person with a browser wants to see something.
metrics::Format format_for(std::string_view accept);

/// How long Prometheus will wait for this scrape, from X-Prometheus-Scrape-Timeout-Seconds: "10" or "9.5".
std::optional<std::chrono::milliseconds> scrape_timeout(std::string_view seconds);

}  // namespace mxhealth::web
