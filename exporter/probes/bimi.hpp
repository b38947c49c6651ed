// A look at a domain's BIMI record, and at the DMARC record that it needs. Judged by policy/bimi.hpp.
#pragma once

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_bimi(PolicyTools&, const PolicySubject&);

}  // namespace mxhealth::probes
