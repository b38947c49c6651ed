// Which address families this host has no route for, so that losing one and getting it back are each said once
// (design section 3). Each routine session tries again. Pure.
#pragma once

#include <map>
#include <set>

#include "model/address.hpp"

namespace mxhealth::watch {

class FamilyRoutes {
 public:
  /// True: the family was not known to lack a route.
  bool lost(const Peer& peer) {
    std::set<Peer>& peers = without_route_[peer.address.family()];
    return peers.insert(peer).second && peers.size() == 1;
  }

  /// True: the last peer without a route has one again.
  bool found(const Peer& peer) {
    const auto family = without_route_.find(peer.address.family());
    if (family == without_route_.end() || family->second.erase(peer) == 0 || !family->second.empty()) return false;
    without_route_.erase(family);
    return true;
  }

 private:
  std::map<Family, std::set<Peer>> without_route_;
};

}  // namespace mxhealth::watch
