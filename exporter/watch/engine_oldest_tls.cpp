// Who wants to know the oldest version of TLS that an address accepts, and who is told.
#include <algorithm>

#include "watch/engine.hpp"

namespace mxhealth::watch {

// Whoever asks for a look now wants no sessions beyond it.
bool Engine::wants_oldest_tls(const Endpoint& endpoint) {
  if (pace_ == Pace::at_once) return false;
  return std::ranges::any_of(endpoint.users(), [&](const DomainName& name) {
    const auto domain = domains_.find(name);
    return domain != domains_.end() && domain->second->wants_oldest_tls(endpoint.key());
  });
}

void Engine::oldest_tls_known(const Endpoint& endpoint) {
  for (const ServerName& server : endpoint.names()) dirty_servers_.insert({server, endpoint.key().peer.port});
  feed_soon();
}

}  // namespace mxhealth::watch
