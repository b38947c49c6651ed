// Looks up where a domain wants to be told how TLS went (RFC 8460).
#pragma once

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_tls_rpt(PolicyTools& tools, const PolicySubject& subject);

}  // namespace mxhealth::probes
