// A look at the reverse DNS of an address. Judged by policy/reverse_dns.hpp.
#pragma once

#include <optional>
#include <vector>

#include "model/address.hpp"
#include "model/policy.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
}

namespace mxhealth::probes {

/// `announced`: the name by which the host calls itself, where a session has heard it.
net::awaitable<PtrFacts> look_up_ptr(net::Resolver&, Address, std::optional<Name> announced = std::nullopt);

/// What receivers may hold against the name that we say ourselves; empty, too, while it cannot be looked up.
/// `sources`: the addresses from which we connect, as far as they are configured.
net::awaitable<std::vector<PolicyNote>> look_up_own_name(net::Resolver&, Name ehlo, std::vector<Address> sources);

}  // namespace mxhealth::probes
