// The section `dnsbl`: blocklists and what is looked up in them. Checked in full; honoured by a later version.
#pragma once

#include "config/reader.hpp"

namespace mxhealth::config {

void parse_dnsbl(const Field&);

}  // namespace mxhealth::config
