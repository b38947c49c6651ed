// The sessions kept of one address, as a part of its target's page: who said what, and when.
#pragma once

#include <string>

#include "report/journal.hpp"

namespace mxhealth::web {

std::string sessions_section(const report::KeptSessions& kept, Wall now);

/// What the certificate of the newest session with TLS says; empty without one.
std::string certificate_of(const report::KeptSessions& kept, Wall now);

}  // namespace mxhealth::web
