// A look at a domain's DMARC record, and at the domains that take its reports. Judged by policy/dmarc.hpp.
#pragma once

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_dmarc(PolicyTools&, const PolicySubject&);

}  // namespace mxhealth::probes
