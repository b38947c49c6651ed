#include "watch/roster.hpp"

#include <algorithm>

#include "config/networks.hpp"

namespace mxhealth::watch {

bool may_dial(const Address& address, const AddressRules& rules) {
  if (!config::includes(rules.families, address.family())) return false;
  if (rules.from_mx_record && address.is_this_host()) return false;
  if (rules.non_public || address.is_global()) return true;
  return std::ranges::any_of(rules.also, [&](const config::Network& one) { return config::contains(one, address); });
}

Selected select_addresses(const HostFacts& host, std::span<const Address> kept, const AddressRules& rules) {
  Selected selected;
  for (const Address& address : host.addresses) {
    if (!config::includes(rules.families, address.family())) continue;
    (may_dial(address, rules) ? selected.dial : selected.refuse).push_back(address);
  }
  const auto was_kept = [&](const Address& a) { return std::ranges::find(kept, a) != kept.end(); };
  std::ranges::stable_partition(selected.dial, was_kept);
  if (selected.dial.size() > rules.per_server) {
    selected.dropped = selected.dial.size() - rules.per_server;
    selected.dial.resize(rules.per_server);
  }
  std::ranges::sort(selected.dial);
  return selected;
}

}  // namespace mxhealth::watch
