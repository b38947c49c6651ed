// This host's name as EHLO needs it: fully qualified (RFC 5321 section 4.1.1.1). Asks the system, and may block for it.
#pragma once

#include <string>

namespace mxhealth::net {

/// What the host calls itself where nothing better is known: maybe a single label, maybe empty.
std::string own_full_name();

}  // namespace mxhealth::net
