// The resolvers of this host, as resolv.conf(5) names them. Reads `nameserver` lines and nothing else: search lists and
// options are not for a program that asks for absolute names. What it cannot read it leaves out; an empty answer is the
// caller's to complain about (the C library would ask 127.0.0.1).
#pragma once

#include <string>
#include <vector>

#include "model/address.hpp"

namespace mxhealth::net {

inline constexpr std::size_t kMaxSystemResolvers = 8;

std::vector<Peer> system_resolvers(const std::string& path = "/etc/resolv.conf");

}  // namespace mxhealth::net
