// Kept sessions as JSON: what was said, when, and how it ended.
#pragma once

#include "report/journal.hpp"
#include "report/json.hpp"

namespace mxhealth::report {

/// An object, or null.
void write_cause(Json& json, const std::optional<CauseFound>& cause);
/// An object with `latest` and `failures`, null where nothing is kept.
void write_sessions(Json& json, const KeptSessions* kept);

}  // namespace mxhealth::report
