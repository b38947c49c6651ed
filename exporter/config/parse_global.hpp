// The sections `global` and `resolver_check`: how every probe is made.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

inline constexpr Duration kMinInterval = std::chrono::seconds(5);
inline constexpr Duration kMaxInterval = std::chrono::hours(24);
inline constexpr Duration kPoliteInterval = std::chrono::seconds(60);  // for hosts of other people

void parse_global(const Field&, Global&);
void parse_resolver_check(const Field&, ResolverCheck& check);

}  // namespace mxhealth::config
