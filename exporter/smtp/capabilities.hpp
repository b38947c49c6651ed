// What an EHLO reply offers (RFC 5321 section 4.1.1.1, RFC 3207, RFC 4954), as model's Capabilities.
// Lenient as senders are: any case, tabs, duplicates, thousands of lines, `AUTH=` of old. Nothing here can fail;
// what is not understood is passed over.
#pragma once

#include "model/session_run.hpp"

namespace mxhealth::smtp {

struct Reply;

inline constexpr std::size_t kMaxAuthMechanisms = 16;  // kept of one reply
inline constexpr std::size_t kMaxAuthMechanism = 20;   // octets; RFC 4422 section 3.1

/// `reply` is the 2xx reply to EHLO. For HELO's, a default Capabilities says all there is.
Capabilities read_capabilities(const Reply& reply);

}  // namespace mxhealth::smtp
