// Which addresses a network of an SPF record holds.
#pragma once

#include "model/address.hpp"

namespace mxhealth::policy {

/// An IPv4-mapped address as the one that it holds, which is the one that is judged (RFC 7208 section 4.1).
Address unmapped(const Address&);

/// Whether the first `bits` of both are the same; never for addresses of different families.
bool within(const Address& ip, const Address& network, int bits);

}  // namespace mxhealth::policy
