// Asks for the mail hosts of a domain. Facts only: a null MX, literals and unusable targets are noted, not judged.
#pragma once

#include "model/dns_facts.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
struct Lookup;
}  // namespace mxhealth::net

namespace mxhealth::probes {

inline constexpr std::size_t kMaxMxHosts = 100;  // of one domain, best preference first; Exim's hard limit is 50

net::awaitable<MxFacts> look_up_mx(net::Resolver&, DomainName);

/// What an MX answer says, for `domain`; pure. `lookup` has to be the answer's.
MxFacts mx_facts(const DomainName& domain, const net::Lookup& lookup);

}  // namespace mxhealth::probes
