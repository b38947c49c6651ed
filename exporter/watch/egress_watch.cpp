#include "watch/egress_watch.hpp"

#include <algorithm>

#include "log/event.hpp"
#include "net/clock.hpp"

namespace mxhealth::watch {
namespace {

using diagnosis::Blame;
using diagnosis::Dial;

using net::now;

EgressKey egress_key(const Peer& peer) { return {peer.port, peer.address.family()}; }

void log_change(const EgressRecord& record) {
  const bool down = record.up == false;
  log::event(down ? log::Level::warn : log::Level::info, down ? "egress_down" : "egress_up",
             {{"port", record.key.port},
              {"family", label(record.key.family)},
              {"canaries", record.canaries},
              {"note", down ? "nobody can be reached there: our side; such targets are undetermined until somebody can"
                            : "somebody can be reached there again"}});
}

}  // namespace

EgressWatch::EgressWatch(net::asio::io_context& io, Scheduler& lookups, EgressHost& host)
    : io_(io), lookups_(lookups), host_(host), timer_(io.get_executor()) {}

void EgressWatch::use(std::shared_ptr<net::Generation> generation) {
  generation_ = std::move(generation);
  const auto& configured = generation_->config().canaries;
  std::erase_if(canaries_, [&](const auto& canary) {
    const bool gone = std::ranges::find(configured, canary.first) == configured.end();
    if (gone) canary.second->stop();
    return gone;
  });
  for (const config::Canary& who : configured) {
    std::shared_ptr<Canary>& canary = canaries_[who];
    const bool is_new = !canary;
    if (is_new) {
      CanaryHost& host = *this;
      canary = std::make_shared<Canary>(who, io_, lookups_, host);
    }
    canary->use(generation_);
    if (is_new) canary->begin(now());
  }
  sync_endpoints();
  sync_canaries();
}

void EgressWatch::stop() {
  timer_.cancel();
  for (const auto& [who, canary] : canaries_) canary->stop();
}

void EgressWatch::canary_looked_up(const Canary&) {
  sync_endpoints();
  sync_canaries();
}

// A peer has one endpoint for all who name it.
void EgressWatch::sync_endpoints() {
  std::map<EndpointKey, ServerName> wanted;
  for (const auto& [who, canary] : canaries_)
    if (canary->addresses())
      for (const Address& address : *canary->addresses())
        wanted.try_emplace({{address, who.port}, is_implicit_tls(who.port)}, who.server);
  std::vector<EndpointKey> gone;
  for (const auto& [key, endpoint] : dialled_)
    if (!wanted.contains(key)) gone.push_back(key);
  for (const EndpointKey& key : gone) {
    dialled_.erase(key);
    host_.leave_canary(key);
  }
  for (const auto& [key, server] : wanted)
    dialled_[key] = &host_.canary_endpoint(key, server, generation_->config().global.interval);
}

// A canary that has not been looked up yet may have addresses of either family.
void EgressWatch::sync_canaries() {
  std::map<EgressKey, diagnosis::Egress::Canaries> by_key;
  for (const auto& [who, canary] : canaries_) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      if (!config::includes(generation_->config().global.families, family)) continue;
      std::optional<std::vector<Address>>& mine = by_key[{who.port, family}][who.server];
      if (!canary->addresses()) continue;
      mine.emplace();
      for (const Address& address : *canary->addresses())
        if (address.family() == family) mine->push_back(address);
    }
  }
  for (const auto& [key, canaries] : by_key) doors_.try_emplace(key);
  for (auto& [key, door] : doors_) {
    door.egress.set_canaries(by_key[key]);
    judge(key, door);
    release_proved(door);
  }
  host_.egress_changed();
}

void EgressWatch::connected(const Endpoint& endpoint) {
  const EgressKey key = egress_key(endpoint.key().peer);
  Door& door = doors_[key];
  door.egress.note(endpoint.key().peer.address, Dial::connected, now());
  judge(key, door);
  release_proved(door);
}

Blame EgressWatch::dialled(Endpoint& endpoint, const SessionRun& run, const std::optional<CauseFound>& cause,
                           Mono since) {
  const EgressKey key = egress_key(endpoint.key().peer);
  Door& door = doors_[key];
  const Dial dial = diagnosis::dial_of(run, cause);
  if (dial != Dial::connected) {  // that was told at once
    door.egress.note(endpoint.key().peer.address, dial, now());
    judge(key, door);
  }
  Blame blame = Blame::own;
  if (cause && endpoint.for_targets()) blame = door.egress.blame(cause->cause, endpoint.key().peer.address, since);
  door.waiting.erase(&endpoint);
  if (blame == Blame::held) door.waiting.emplace(&endpoint, since);
  if (blame == Blame::blocked)
    door.blocked.insert(&endpoint);
  else
    door.blocked.erase(&endpoint);
  if (blame == Blame::held && !endpoint.is_down()) ask_canaries(key);
  look_again(door);
  return blame;
}

// Somebody waits for a verdict that an old connect puts off: a session may hang that was under way when the port
// closed.
void EgressWatch::look_again(const Door& door) {
  const auto until = door.egress.proved_until(window());
  if (door.waiting.empty() || !until || *until <= now() || *until >= look_at_) return;
  look_at_ = *until;
  timer_.expires_at(look_at_ + std::chrono::milliseconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    look_at_ = Mono::max();
    for (auto& [key, any] : doors_) {
      judge(key, any);
      look_again(any);
    }
  });
}

void EgressWatch::judge(const EgressKey& key, Door& door) {
  const std::optional<bool> before = door.egress.up();
  if (!door.egress.judge(now(), window())) return;
  if (door.egress.is_down() || before == false) log_change(record(key, door));
  host_.egress_changed();
  if (door.egress.is_down())
    close(key, door);
  else if (before == false)
    bring_back(door);
}

// Each is taken out before it is told: it may come again at once.
void EgressWatch::release_proved(Door& door) {
  std::vector<Endpoint*> proved;
  for (const auto& [endpoint, since] : door.waiting)
    if (door.egress.blame(endpoint->key().peer.address, since) == Blame::own) proved.push_back(endpoint);
  for (Endpoint* endpoint : proved) {
    door.waiting.erase(endpoint);
    endpoint->egress_proved();
  }
}

// Nothing is known any more of anybody behind it: also of those whose last session was good, or is under way.
void EgressWatch::close(const EgressKey& key, Door& door) {
  door.waiting.clear();
  for (Endpoint* endpoint : host_.targets_behind(key)) {
    door.blocked.insert(endpoint);
    endpoint->egress_lost();
  }
}

void EgressWatch::bring_back(Door& door) {
  const Duration within = std::min(kBackWithin, generation_->config().global.interval / 2);
  for (Endpoint* endpoint : std::exchange(door.blocked, {}))
    endpoint->hurry(now() + stable_phase(std::hash<Peer>{}(endpoint->key().peer), within));
}

void EgressWatch::ask_canaries(const EgressKey& key) {
  for (const auto& [endpoint_key, endpoint] : dialled_)
    if (egress_key(endpoint_key.peer) == key) endpoint->hurry(std::max(now(), endpoint->last_started() + kAskEvery));
}

void EgressWatch::forget(Endpoint& endpoint) {
  const auto door = doors_.find(egress_key(endpoint.key().peer));
  if (door == doors_.end()) return;
  door->second.waiting.erase(&endpoint);
  door->second.blocked.erase(&endpoint);
  door->second.egress.forget(endpoint.key().peer.address);
}

// On a port that some module speaks TLS on from the first byte, nobody greets in the clear.
bool EgressWatch::is_implicit_tls(std::uint16_t port) const {
  return std::ranges::any_of(generation_->config().modules, [&](const auto& module) {
    return module.second.port == port && module.second.tls == TlsPolicy::implicit;
  });
}

EgressRecord EgressWatch::record(const EgressKey& key, const Door& door) const {
  return {.key = key,
          .up = door.egress.up(),
          .canaries = static_cast<std::uint32_t>(door.egress.canaries()),
          .canaries_up = static_cast<std::uint32_t>(door.egress.canaries_up(now(), window()))};
}

void EgressWatch::feed(Feed& feed) {
  for (auto door = doors_.begin(); door != doors_.end();) {
    const auto& [key, what] = *door;
    const bool idle = what.egress.is_idle();
    if (what.fed && (idle || !what.egress.has_shown())) feed.gone.emplace_back(key);
    door = idle ? doors_.erase(door) : std::next(door);
  }
  for (auto& [key, door] : doors_) {
    std::optional<EgressRecord> shown;
    if (door.egress.has_shown()) shown = record(key, door);
    if (door.fed == shown) continue;
    door.fed = shown;
    if (shown) feed.changed.emplace_back(std::make_shared<const EgressRecord>(*shown));
  }
}

}  // namespace mxhealth::watch
