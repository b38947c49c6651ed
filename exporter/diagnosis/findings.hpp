// What one session shows that is odd without being a failure. Pure.
#pragma once

#include <vector>

#include "model/finding.hpp"
#include "model/name.hpp"
#include "model/session_run.hpp"

namespace mxhealth::diagnosis {

/// A server that lets us wait so long does it on purpose, or has trouble; senders with little patience give up.
inline constexpr Duration kSlowReply = std::chrono::seconds(5);

std::vector<Finding> findings(const SessionRun&);  ///< in the order of the enumeration

/// The name that the server gives itself, in its greeting or else in its answer to EHLO; the root where it gives none.
Name announced_name(const SessionRun&);

}  // namespace mxhealth::diagnosis
