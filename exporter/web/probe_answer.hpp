// What /probe answers: blackbox_exporter's names beside ours for one target, or a report for people. No sockets.
#pragma once

#include <string>

#include "watch/visit_result.hpp"
#include "web/answer.hpp"

namespace mxhealth::web {

enum class ProbeView : std::uint8_t {
  metrics,
  debug  ///< what it was probed with and what was said, for a person
};

Answer probe_answer(const watch::VisitAnswer& shown, ProbeView view);

/// How long a probe may take for a scraper that waits so long; nothing said: kProbeLimit.
Duration probe_patience(std::optional<std::chrono::milliseconds> scrape_timeout);

inline constexpr std::chrono::seconds kProbeLimit{120};                // as blackbox_exporter has it
inline constexpr std::chrono::milliseconds kScrapeTimeoutOffset{500};  // for the way back

}  // namespace mxhealth::web
