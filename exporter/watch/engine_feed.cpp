// What the engine tells publishing: records that changed, keys that are gone, at most every 100 ms.
#include <algorithm>

#include "log/event.hpp"
#include "net/clock.hpp"
#include "watch/engine.hpp"

namespace mxhealth::watch {
namespace {

using net::now;

}  // namespace

void Engine::feed_soon() {
  if (feed_armed_ || stopped_) return;
  feed_armed_ = true;
  feed_timer_.expires_after(pace_ == Pace::at_once ? Duration::zero() : kFeedEvery);
  feed_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // we may be gone
    feed_armed_ = false;
    feed();
  });
}

void Engine::feed() {
  if (std::exchange(servers_released_, false)) prune_servers();
  if (subjects_changed_ && (now() >= subjects_due_ || pace_ == Pace::at_once)) tell_subjects();
  Feed feed;
  feed.gone = std::exchange(gone_, {});
  feed.sessions = std::exchange(sessions_ended_, {});
  for (const auto& [name, role] : std::exchange(dirty_domains_, {}))
    if (const auto domain = domains_.find(name); domain != domains_.end())
      feed.changed.emplace_back(std::make_shared<const DomainRecord>(domain->second->record(role)));
  for (const ServerKey& key : std::exchange(dirty_servers_, {}))
    if (const auto server = servers_.find(key); server != servers_.end())
      feed.changed.emplace_back(std::make_shared<const ServerRecord>(server->second.record()));
  for (const auto& [server, key] : std::exchange(dirty_addresses_, {}))
    if (const Endpoint* endpoint = find(key))
      feed.changed.emplace_back(std::make_shared<const AddressRecord>(address_record(server, *endpoint)));
  for (ResolverRecord& record : generation_->resolver().records())
    if (std::exchange(resolver_lookups_[record.resolver], record.lookups) != record.lookups || record.lookups == 0)
      feed.changed.emplace_back(std::make_shared<const ResolverRecord>(std::move(record)));
  egress_.feed(feed);
  lists_.feed(feed);
  policies_.feed(feed);
  // What came back within this batch is not gone.
  std::set<RecordKey> alive;
  for (const Record& record : feed.changed) alive.insert(key_of(record));
  std::erase_if(feed.gone, [&](const RecordKey& key) { return alive.contains(key); });
  feed.ready = readiness();
  own_.resolver_up(resolver_health(now()) != ResolverHealth::down);
  own_.resolver_rewrites(generation_->resolver().rewrites());
  own_.targets(metrics::TargetKind::domain, domains_.size());
  own_.targets(metrics::TargetKind::server, servers_.size());
  own_.targets(metrics::TargetKind::address, endpoints_.size());
  own_.targets(metrics::TargetKind::dnsbl_pair, lists_.listings());
  publish_(std::move(feed));
}

std::optional<bool> Engine::readiness() {
  if (ready_) return std::nullopt;
  const auto has_results = [](const auto& domain) { return domain.second->has_results(); };
  if (!ready_anyway_ && !std::ranges::all_of(domains_, has_results)) return std::nullopt;
  ready_ = true;
  if (pace_ == Pace::steady) log::event(log::Level::info, "ready", {{"targets", domains_.size()}});
  return true;
}

// Addresses come one by one when many targets begin: they are passed on together.
void Engine::tell_subjects() {
  subjects_changed_ = false;
  subjects_due_ = now() + kSubjectsEvery;
  lists_.set_targets(list_subjects());
  policies_.set_addresses(probed_addresses());
}

// Whom blocklists are asked about by default: the targets' names, and the addresses behind them.
std::set<Subject> Engine::list_subjects() const {
  std::set<Subject> subjects;
  for (const auto& [name, domain] : domains_) subjects.insert(name);
  for (const auto& [key, endpoint] : endpoints_)
    if (endpoint->for_targets()) subjects.insert(key.peer.address);
  return subjects;
}

// Whose reverse DNS matters, and to whom.
std::map<Address, PtrSource> Engine::probed_addresses() const {
  std::map<Address, PtrSource> addresses;
  for (const auto& [key, endpoint] : endpoints_) {
    if (!endpoint->for_targets()) continue;
    const auto users = endpoint->users();
    const bool own = std::ranges::any_of(users, [this](const DomainName& name) {
      const auto domain = domains_.find(name);
      return domain != domains_.end() && domain->second->target().own;
    });
    PtrSource& source = addresses.emplace(key.peer.address, PtrSource::target).first->second;
    if (own) source = PtrSource::own;
  }
  return addresses;
}

void Engine::prune_servers() {
  std::set<ServerKey> used;
  for (const auto& [name, domain] : domains_) used.merge(domain->servers());
  std::erase_if(servers_, [&](const auto& server) {
    const bool unused = !server.second.has_endpoints() && !used.contains(server.first);
    if (unused) gone_.emplace_back(server.first);
    return unused;
  });
}

}  // namespace mxhealth::watch
