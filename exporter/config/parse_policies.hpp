// `policies`: how often records such as SPF and MTA-STS, and reverse DNS, are looked at.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

void parse_policies(const Field& field, Policies& policies);

}  // namespace mxhealth::config
