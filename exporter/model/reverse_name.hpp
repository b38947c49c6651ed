// Addresses written backwards, as DNS has them: below in-addr.arpa and ip6.arpa, and below the zones of blocklists.
#pragma once

#include <string>

#include "model/address.hpp"
#include "model/name.hpp"

namespace mxhealth {

/// The octets of an IPv4 address in decimal, the nibbles of an IPv6 address in hexadecimal, the last one first.
std::string reversed_labels(const Address&);

/// Where the PTR records of an address are: 1.2.0.192.in-addr.arpa (RFC 1035 section 3.5, RFC 3596 section 2.5).
Name reverse_name(const Address&);

}  // namespace mxhealth
