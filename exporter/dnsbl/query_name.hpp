// The name that is asked for: the subject turned round in front of the key and the zone (RFC 5782 sections 2.1, 2.4,
// 3). With a keyed list the name holds a secret: it goes to the resolver and nowhere else.
#pragma once

#include <optional>
#include <string_view>

#include "dnsbl/list.hpp"

namespace mxhealth::dnsbl {

/// Empty when it would be no name: longer than kMaxName, or a key that is no label.
std::optional<Name> query_name(const List&, const Subject&);

/// A name in the zone that nobody lists: `label` is random. Whatever a wildcard or a parked zone says, it says it here.
std::optional<Name> absent_name(const List&, std::string_view label);

}  // namespace mxhealth::dnsbl
