// A look at a domain's SPF record, and at all that it leads to. What it means is told by policy/judge_spf.hpp.
#pragma once

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

inline constexpr std::size_t kMaxSendersChecked = 64;  // of the configured sending addresses

net::awaitable<PolicyFacts> look_up_spf(PolicyTools&, const PolicySubject&);

}  // namespace mxhealth::probes
