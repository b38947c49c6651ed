// The addresses that a configured network holds, one by one.
#pragma once

#include <vector>

#include "config/config.hpp"

namespace mxhealth::config {

/// Every address of a network, in order; at most 256 (a larger one is refused by the configuration).
std::vector<Address> addresses_of(const Network&);

}  // namespace mxhealth::config
