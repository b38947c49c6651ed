// The engine between endpoints and the watch on our own egress and routes: makes the endpoints that canaries ask for,
// passes on what attempts show.
#include "log/event.hpp"
#include "watch/engine.hpp"

namespace mxhealth::watch {

void Engine::connected(const Endpoint& endpoint) { egress_.connected(endpoint); }

diagnosis::Blame Engine::dialled(Endpoint& endpoint, const SessionRun& run, const std::optional<CauseFound>& cause,
                                 Mono since) {
  return egress_.dialled(endpoint, run, cause, since);
}

std::shared_ptr<Endpoint> Engine::make_endpoint(const EndpointKey& key) {
  std::shared_ptr<Endpoint>& endpoint = endpoints_[key];
  if (!endpoint) {
    EndpointWatcher& watcher = *this;
    endpoint = std::make_shared<Endpoint>(key, loop_.io, sessions_, watcher);
    endpoint->use(generation_);
  }
  return endpoint;
}

void Engine::erase_endpoint(const EndpointKey& key) {
  const auto gone = endpoints_.extract(key);
  egress_.forget(*gone.mapped());
  routes_.found(key.peer);  // or is not missed any more
}

Endpoint& Engine::canary_endpoint(const EndpointKey& key, const ServerName& server, Duration interval) {
  const bool is_new = !endpoints_.contains(key);
  const std::shared_ptr<Endpoint> endpoint = make_endpoint(key);
  endpoint->serve_as_canary(server, interval);
  const Mono soon = std::chrono::steady_clock::now() + stable_phase(std::hash<Peer>{}(key.peer), Canary::kFirstWithin);
  if (is_new) endpoint->begin(soon);
  return *endpoint;
}

void Engine::leave_canary(const EndpointKey& key) {
  const auto found = endpoints_.find(key);
  if (found == endpoints_.end()) return;
  found->second->leave_canary();
  if (!found->second->wanted()) erase_endpoint(key);
}

std::vector<Endpoint*> Engine::targets_behind(const EgressKey& key) {
  std::vector<Endpoint*> targets;
  for (const auto& [endpoint_key, endpoint] : endpoints_)
    if (endpoint_key.peer.port == key.port && endpoint_key.peer.address.family() == key.family &&
        endpoint->for_targets())
      targets.push_back(endpoint.get());
  return targets;
}

// Design section 3: a family without a route is left out of the walk, and said once.
void Engine::note_route(const Peer& peer, bool has_one) {
  const bool changed = has_one ? routes_.found(peer) : routes_.lost(peer);
  if (!changed || pace_ == Pace::at_once) return;
  log::event(has_one ? log::Level::info : log::Level::warn, has_one ? "route_back" : "no_route",
             {{"family", label(peer.address.family())},
              {"address", peer.address.to_string()},
              {"note", has_one ? "this host has a route there again; its addresses count as before"
                               : "this host has no route there; such addresses are left out until it has one"}});
}

}  // namespace mxhealth::watch
