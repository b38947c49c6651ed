// Resolvers that everybody may use, and that blocklists therefore refuse, or tell that nothing is listed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dnsbl/list.hpp"
#include "model/address.hpp"

namespace mxhealth::config {

/// Whose it is, such as "Google"; empty for any that is not known as public.
std::string_view public_resolver(const Address&);

/// What to warn of where `resolver` would ask these lists; nothing when it may.
std::optional<std::string> refused_through(const Address& resolver, const std::vector<dnsbl::List>&);

}  // namespace mxhealth::config
