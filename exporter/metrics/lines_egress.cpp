// Whether this host itself can open connections on a port over an address family.
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

constexpr Row<EgressRecord> kRows[] = {
    {{"egress_up", Type::gauge, "0 while no connection at all can be opened: our side, whatever the targets say."},
     [](const EgressRecord& r, Lines& out) { out.put(r.up); }},
    {{"egress_canaries", Type::gauge, "Canaries with an address; fewer than two never show that egress is down."},
     [](const EgressRecord& r, Lines& out) { out.put(r.canaries); }},
    {{"egress_canaries_up", Type::gauge, "Canaries that accepted the last connection."},
     [](const EgressRecord& r, Lines& out) { out.put(r.canaries_up); }},
};

}  // namespace

Table<EgressRecord> egress_table() {
  return {[](const EgressRecord& r, Lines& out) {
            out.labels({{"port", std::to_string(r.key.port)}, {"family", label(r.key.family)}});
          },
          kRows};
}

}  // namespace mxhealth::metrics
