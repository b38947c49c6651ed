// Asks one list about one subject, and for the reason of a listing. Facts only: what they amount to over time is
// dnsbl/listing's business. The name that is asked for may hold a key: it goes to the resolver and nowhere else.
#pragma once

#include <chrono>
#include <string>

#include "dnsbl/decode.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
}

namespace mxhealth::probes {

inline constexpr std::size_t kMaxReason = 400;  // octets kept of what a list says about a listing

struct ListingAnswer {
  dnsbl::Reading reading;
  std::chrono::seconds ttl{0};  ///< what is left of the answer's
};

/// `list` must outlive the lookup. `max_age`: of an answer from our cache.
net::awaitable<ListingAnswer> look_up_listing(net::Resolver&, const dnsbl::List& list, Name asked, Duration max_age);

/// The TXT record (RFC 5782 section 2.1): printable, without the list's key; empty when there is none.
net::awaitable<std::string> look_up_reason(net::Resolver&, const dnsbl::List& list, Name asked);

}  // namespace mxhealth::probes
