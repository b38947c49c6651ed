// Looks at a domain's MTA-STS (RFC 8461): the TXT record, the policy host's addresses, the policy over HTTPS. Asks only
// hosts that may be dialled. What it all means is policy/mta_sts_judge's business.
#pragma once

#include "probes/policy_tools.hpp"

namespace mxhealth::probes {

inline constexpr Duration kPolicyFetch =
    std::chrono::seconds(60);  // of a fetch (RFC 8461 section 3.3); less if sessions

net::awaitable<PolicyFacts> look_up_mta_sts(PolicyTools& tools, const PolicySubject& subject);

/// What may be dialled of `found`, families in turn, IPv6 first; pure.
std::vector<Peer> policy_peers(const std::vector<Address>& found, std::uint16_t port, bool non_public);

}  // namespace mxhealth::probes
