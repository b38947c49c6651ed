// Which policies are looked at, and by whom: one row each.
#pragma once

#include <span>

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

struct PolicyProbe {
  Policy policy;
  net::awaitable<PolicyFacts> (*look_up)(PolicyTools&, const PolicySubject&);
};

std::span<const PolicyProbe> policy_probes();

}  // namespace mxhealth::probes
