// A look at the DKIM keys of a domain's configured selectors. Judged by policy/judge_dkim.hpp.
#pragma once

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_dkim(PolicyTools&, const PolicySubject&);

}  // namespace mxhealth::probes
