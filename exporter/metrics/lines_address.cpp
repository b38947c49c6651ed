// What one address of a server says: few gauges, since addresses are many.
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

using Peered = AddressRecord;

constexpr Row<Peered> kRows[] = {
    {{"address_up", Type::gauge, "1 if the address answers EHLO with 250, after confirmation."},
     [](const Peered& r, Lines& out) { out.put(r.up); }},
    {{"address_cause_info", Type::gauge, "The confirmed cause while the address is not up; always 1."},
     [](const Peered& r, Lines& out) {
       if (r.cause) out.info({{"cause", label(r.cause->cause)}, {"side", label(r.cause->side)}});
     }},
    {{"address_last_probe_timestamp_seconds", Type::gauge, "When the last probe of the address ended.", "seconds"},
     [](const Peered& r, Lines& out) { out.put(r.last_probe); }},
    {{"address_last_duration_seconds", Type::gauge, "Duration of the phases completed in the last probe.", "seconds"},
     [](const Peered& r, Lines& out) {
       for (const auto& [phase, duration] : r.durations) out.put(seconds(duration), {{"phase", label(phase)}});
     }},
};

}  // namespace

Table<AddressRecord> address_table() {
  return {[](const Peered& r, Lines& out) {
            const AddressKey& key = r.key;
            out.labels({{"server", key.server.view()},
                        {"port", std::to_string(key.peer.port)},
                        {"address", key.peer.address.to_string()},
                        {"family", label(key.peer.address.family())}});
          },
          kRows};
}

}  // namespace mxhealth::metrics
