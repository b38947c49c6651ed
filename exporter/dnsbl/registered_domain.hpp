// The part of a name that somebody registered: example.co.uk of mail.example.co.uk. The only use of libpsl, which
// brings the Public Suffix List with it, and reads the newer one of the package publicsuffix where that is installed.
#pragma once

#include <optional>

#include "model/name.hpp"

namespace mxhealth::dnsbl {

/// Empty for a public suffix (co.uk), a single label and the root: nobody registered those. Below a top-level domain
/// that the list does not know, the last two labels. Private suffixes count: of host.github.io it is host.github.io.
std::optional<Name> registered_domain(const Name&);

}  // namespace mxhealth::dnsbl
