// Asks for the addresses of one host, both families at once. Facts only: no cap, no policy on what may be dialled.
#pragma once

#include <vector>

#include "model/dns_facts.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
struct Lookup;
}  // namespace mxhealth::net

namespace mxhealth::probes {

/// `families`: what this host has a route for; one that is left out stays empty in the facts.
net::awaitable<HostFacts> look_up_host(net::Resolver&, ServerName, std::vector<Family> families);

/// Adds what one answer says; pure.
void add_addresses(HostFacts&, Family, const net::Lookup&);

}  // namespace mxhealth::probes
