#include "report/one_target.hpp"

namespace mxhealth::report {

const ServerRecord* OneTarget::server(const ServerKey& key) const {
  for (const ServerRecord* one : servers())
    if (one->key == key) return one;
  return nullptr;
}

std::vector<const AddressRecord*> OneTarget::addresses_of(const ServerKey& key) const {
  std::vector<const AddressRecord*> found = addresses();
  std::erase_if(
      found, [&](const AddressRecord* one) { return one->key.server != key.server || one->key.peer.port != key.port; });
  return found;
}

}  // namespace mxhealth::report
