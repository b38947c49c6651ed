// One round of tests of a list, for one kind of subject: its test points (RFC 5782 section 5) and a name that nobody
// lists, past our cache. What the round amounts to is dnsbl/list_health's business.
#pragma once

#include "dnsbl/list_health.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
}

namespace mxhealth::probes {

/// `list` must outlive the round.
net::awaitable<dnsbl::TestRound> test_list(net::Resolver&, const dnsbl::List& list, ListKind kind);

}  // namespace mxhealth::probes
