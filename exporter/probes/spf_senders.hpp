// The addresses that a domain's SPF record lets send (RFC 7208), for those who want them looked up on blocklists.
// Follows `include` and `redirect`, `a` and `mx`; passes over what names no address (`ptr`, `exists`, macros) and what
// does not pass. Facts only: whether the record is a good one is policy's business.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
}

namespace mxhealth::probes {

inline constexpr std::size_t kMaxSpfRecords = 20;    // looked into for one domain; receivers stop at 10 terms that ask
inline constexpr std::size_t kMaxSpfHosts = 50;      // names whose addresses are looked up
inline constexpr std::size_t kMaxSpfNetworks = 256;  // found for one domain

struct SpfSenders {
  bool complete = true;  ///< false: some lookup failed, so what is found may not be all
  std::vector<config::Network> networks;
  std::size_t too_wide = 0;  ///< networks of more than 256 addresses, which are nobody's senders one by one
};

net::awaitable<SpfSenders> look_up_spf_senders(net::Resolver&, DomainName);

}  // namespace mxhealth::probes
