// What our own resolvers say. NXDOMAIN is an answer, so it is no failure here.
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

constexpr Row<ResolverRecord> kRows[] = {
    {{"resolver_lookups_total", Type::counter, "Questions sent to the resolver."},
     [](const ResolverRecord& r, Lines& out) { out.put(static_cast<double>(r.lookups)); }},
    {{"resolver_lookup_failures_total", Type::counter, "Questions that the resolver did not answer, by cause."},
     [](const ResolverRecord& r, Lines& out) { out.put(r.failures); }},
    {{"resolver_lookup_duration_seconds", Type::histogram, "Time to the resolver's answer.", "seconds"},
     [](const ResolverRecord& r, Lines& out) { out.put(r.duration); }},
};

}  // namespace

Table<ResolverRecord> resolver_table() {
  return {[](const ResolverRecord& r, Lines& out) { out.labels({{"resolver", r.resolver}}); }, kRows};
}

}  // namespace mxhealth::metrics
