// The small sections: `resolvers`, `limits`, `canaries` and `probe_endpoint`.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

void parse_resolvers(const Field&, std::vector<ResolverAddress>&);
void parse_limits(const Field&, Limits&);
void parse_canaries(const Field&, std::vector<Canary>&);
void parse_probe_endpoint(const Field&, ProbeEndpoint&);

}  // namespace mxhealth::config
