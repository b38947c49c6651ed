// Asks for the TLSA records of one host and port, where its addresses are DNSSEC-secure (RFC 7672 section 2.2.2): at
// what it is an alias of first, then at its own name. Facts only.
#pragma once

#include <cstdint>

#include "model/dane.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
struct Lookup;
}  // namespace mxhealth::net

namespace mxhealth::probes {

net::awaitable<TlsaFacts> look_up_tlsa(net::Resolver&, ServerName server, std::uint16_t port, HostFacts host);

/// Every answer that holds addresses is signed.
bool is_secure(const HostFacts&);

/// What one answer says of `base`; pure.
TlsaFacts tlsa_facts(Name base, const net::Lookup&);

}  // namespace mxhealth::probes
