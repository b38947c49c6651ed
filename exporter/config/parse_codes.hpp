// What the answers of a list mean: its codes, its bits, and the answers that are no listing.
#pragma once

#include <optional>
#include <vector>

#include "config/reader.hpp"
#include "dnsbl/list.hpp"

namespace mxhealth::config {

/// {"127.0.0.2": MEANING, "127.0.0.10-11": {meaning: MEANING, weight: 0.5, policy: true}}
std::optional<std::vector<dnsbl::Code>> codes(const Field&);

/// {2: MEANING, 4: {meaning: MEANING, weight: 0.25}}
std::optional<std::vector<dnsbl::BitCode>> bits(const Field&);

/// ["127.0.0.1", "127.0.10.*"]
std::optional<std::vector<dnsbl::CodePattern>> answers(const Field&);

std::optional<double> weight(const Field&);           // 0 to 1
std::optional<std::string> short_text(const Field&);  // of one line, for pages and logs

}  // namespace mxhealth::config
