// What the engine does with published policies: MTA-STS and TLSA records go to targets and servers that they are about.
#include "diagnosis/findings.hpp"
#include "watch/engine.hpp"

namespace mxhealth::watch {

void Engine::policy_known(const PolicyRecord& record) {
  if (record.key.policy != Policy::mta_sts) return;
  if (const auto domain = domains_.find(record.key.domain); domain != domains_.end())
    domain->second->take(record.facts.mta_sts);
}

void Engine::transport_known(const ServerKey& server, const DomainName& by, const Transport& transport) {
  ledger(server).take(by, transport, std::chrono::steady_clock::now());
}

Name Engine::announced_name(const Address& address) const {
  for (auto at = endpoints_.lower_bound(EndpointKey{{address, 0}, false});
       at != endpoints_.end() && at->first.peer.address == address; ++at)
    if (at->second->latest() != nullptr)
      if (const Name name = diagnosis::announced_name(*at->second->latest()); !name.is_root()) return name;
  return {};
}

}  // namespace mxhealth::watch
