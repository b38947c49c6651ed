#include "watch/domain_watch.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "net/clock.hpp"
#include "probes/host.hpp"
#include "probes/mx.hpp"
#include "watch/countdown.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {
namespace {

using net::now;
Wall today() { return std::chrono::system_clock::now(); }

RoleSettings role_settings(const config::Config& config) {
  RoleSettings settings;
  settings.hold.probes = config.global.confirm.probes;
  settings.hold.hold = config.global.mx_hold;
  settings.rules.families = config.global.families;
  settings.rules.non_public = config.limits.non_public_targets;
  settings.rules.also = config.limits.also_dialled;
  settings.rules.per_server = static_cast<std::size_t>(config.limits.addresses_per_server);
  settings.senders = config.global.sender_models;
  return settings;
}

}  // namespace

DomainWatch::DomainWatch(net::asio::io_context& io, Scheduler& scheduler, DomainHost& host)
    : io_(io), scheduler_(scheduler), host_(host) {}

void DomainWatch::use(std::shared_ptr<net::Generation> generation, const config::Target& target) {
  generation_ = std::move(generation);
  target_ = target;
  const config::Config& config = generation_->config();
  const RoleSettings settings = role_settings(config);
  const auto stays = [this](const auto& role) {
    return std::ranges::any_of(target_.walks, [&](const config::Walk& walk) {
      return walk.role == role.first && walk.source == role.second->walk().source;
    });
  };
  std::erase_if(roles_, [&](const auto& role) { return !stays(role); });
  for (const config::Walk& walk : target_.walks) {
    std::shared_ptr<RoleWatch>& role = roles_[walk.role];
    if (!role) role = std::make_shared<RoleWatch>(DomainKey{target_.name, walk.role}, walk);
    role->use(walk, settings);
    DomainRecord& record = role->record();
    record.interval = target_.interval;
    record.labels.assign(target_.labels.begin(), target_.labels.end());
    record.is_server_target = target_.kind == config::Target::Kind::server;
    record.own = target_.own;
  }
  release_if([this](const Wish& wish) { return !is_configured(wish); });
}

// Two cycles at once would count what one sees.
void DomainWatch::begin(Mono first_due) {
  if (running_)
    begin_anew_ = first_due;
  else
    scheduler_.schedule(*this, first_due, Urgency::routine);
}

// Hosts of MX records live on for a while; those that the file named go with it.
bool DomainWatch::is_configured(const Wish& wish) const {
  for (const config::Walk& walk : target_.walks) {
    const bool named = walk.source == config::HostSource::named_hosts;
    if (named && std::ranges::find(walk.hosts, wish.server) == walk.hosts.end()) continue;
    for (const config::Module& module : walk.modules)
      if (endpoint_key(wish.endpoint.peer.address, module) == wish.endpoint &&
          roles_.at(walk.role)->may_dial(wish.endpoint.peer.address))
        return true;
  }
  return false;
}

void DomainWatch::release_if(const std::function<bool(const Wish&)>& unwanted) {
  std::erase_if(wishes_, [&](const auto& entry) {
    const bool release = unwanted(entry.first);
    if (release) host_.release(entry.first, target_.name);
    return release;
  });
}

void DomainWatch::leave() {
  stop();
  release_if([](const Wish&) { return true; });
}

void DomainWatch::stop() {
  left_ = true;
  scheduler_.cancel(*this);
}

std::vector<Role> DomainWatch::roles() const {
  std::vector<Role> roles;
  for (const auto& [role, watch] : roles_) roles.push_back(role);
  return roles;
}

DomainRecord DomainWatch::record(Role role) const { return roles_.at(role)->record(); }

bool DomainWatch::has_results() const {
  return std::ranges::all_of(roles_, [](const auto& role) { return role.second->record().verdict.has_value(); });
}

std::set<ServerKey> DomainWatch::servers() const {
  std::set<ServerKey> servers;
  for (const auto& [role, watch] : roles_)
    for (const DomainServer& server : watch->record().servers) servers.insert(server.key);
  for (const auto& [wish, last] : wishes_) servers.insert({wish.server, wish.endpoint.peer.port});
  return servers;
}

std::set<Name> DomainWatch::mail_hosts() const {
  std::set<Name> hosts;
  const auto role = roles_.find(Role::mx);
  if (role == roles_.end()) return hosts;
  for (const ServerName& host : role->second->hosts()) hosts.insert(host);
  return hosts;
}

void DomainWatch::start() {
  running_ = true;
  boost::asio::co_spawn(io_.get_executor(), cycle(), [self = shared_from_this()](const std::exception_ptr& bug) {
    self->scheduler_.finished();
    if (bug) std::rethrow_exception(bug);
  });
}

net::awaitable<void> DomainWatch::cycle() {
  const Mono started = now();
  bool look_again = false;
  const std::map<Role, std::shared_ptr<RoleWatch>> roles = roles_;  // a reload may change ours meanwhile
  for (const auto& [key, role] : roles) {
    const bool settled = co_await look_up(*role);
    if (left_) co_return;
    look_again = look_again || !settled;
  }
  sync_wishes(now());
  tell_transports();
  const bool due = started >= next_cycle_;
  for (auto& [key, role] : roles_) {
    judge(*role);
    if (due) role->count_cycle(today());
    host_.changed(*this, key);
  }
  host_.cycle_took(now() - started);
  const Duration phase = stable_phase(std::hash<Name>{}(target_.name), target_.interval);
  if (due) next_cycle_ = next_at_phase(started, target_.interval, phase);
  running_ = false;
  const Mono soon = now() + generation_->config().global.confirm.after;
  if (const auto anew = std::exchange(begin_anew_, std::nullopt))
    begin(*anew);
  else if (look_again && soon < next_cycle_)
    scheduler_.schedule(*this, soon, Urgency::confirmation);
  else
    scheduler_.schedule(*this, std::max(next_cycle_, now()), Urgency::routine);
}

net::awaitable<bool> DomainWatch::look_up(RoleWatch& role) {
  const std::shared_ptr<net::Generation> generation = generation_;
  bool settled = true;
  if (role.asks_mx()) {
    MxFacts facts = co_await probes::look_up_mx(generation->resolver(), target_.name);
    if (left_) co_return true;
    settled = role.take(std::move(facts), Instant{now(), today()}, host_.resolver_health(now()));
  }
  const bool hosts_settled = co_await look_up_hosts(role);
  if (left_) co_return true;
  const bool tlsa_settled = co_await look_up_tlsa(role);
  co_return settled&& hosts_settled&& tlsa_settled;
}

namespace {

net::awaitable<void> look_up_one(std::shared_ptr<net::Generation> generation, ServerName name,
                                 std::vector<Family> families, HostFacts& into) {
  into = co_await probes::look_up_host(generation->resolver(), std::move(name), std::move(families));
}

}  // namespace

net::awaitable<bool> DomainWatch::look_up_hosts(RoleWatch& role) {
  const std::vector<ServerName> names = role.hosts();
  if (names.empty()) co_return true;
  std::vector<HostFacts> facts(names.size());
  Countdown countdown(io_);
  for (std::size_t i = 0; i < names.size(); ++i)
    countdown.begin(look_up_one(generation_, names[i], families(), facts[i]));
  co_await countdown.all_done();
  if (left_) co_return true;
  bool settled = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Duration took = std::max(facts[i].ipv4 ? facts[i].ipv4->duration : Duration{},
                                   facts[i].ipv6 ? facts[i].ipv6->duration : Duration{});
    if (took > Duration::zero())
      for (const config::Module& module : role.walk().modules) host_.host_looked_up({names[i], module.port}, took);
    settled = role.take(names[i], std::move(facts[i]), now(), host_.resolver_health(now())) && settled;
  }
  co_return settled;
}

std::vector<Family> DomainWatch::families() const {
  std::vector<Family> families;
  for (const Family family : {Family::ipv4, Family::ipv6})
    if (config::includes(generation_->config().global.families, family)) families.push_back(family);
  return families;
}

void DomainWatch::sync_wishes(Mono now) {
  std::set<Wish> current;
  for (const auto& [wish, last] : wishes_) current.insert(wish);
  for (auto& [key, role] : roles_) {
    const RoleWatch::Wishes asked = role->wishes(current);
    host_.dropped(role->servers_dropped(), asked.addresses_dropped);
    for (const Wish& wish : asked.all) {
      wishes_.insert_or_assign(wish, now);
      host_.want(wish, target_.name, target_.interval, wants_tls(wish));
    }
  }
  const auto is_made_up = [&](const Wish& wish) {
    return std::ranges::any_of(roles_, [&](const auto& role) { return role.second->is_made_up(wish); });
  };
  release_if([&](const Wish& wish) { return now - wishes_.at(wish) > kVanishedFor || is_made_up(wish); });
}

bool DomainWatch::wants_tls(const Wish& wish) const {
  for (const auto& [key, role] : roles_)
    for (const config::Module& module : role->walk().modules)
      if (module.port == wish.endpoint.peer.port && module.tls != TlsPolicy::off) return true;
  return false;
}

bool DomainWatch::wants_oldest_tls(const EndpointKey& key) const {
  for (const config::Walk& walk : target_.walks)
    for (const config::Module& module : walk.modules)
      if (module.oldest_tls && endpoint_key(key.peer.address, module) == key) return true;
  return false;
}

std::vector<std::shared_ptr<Errand>> DomainWatch::errands_due(const EndpointKey& key,
                                                              const std::vector<ServerName>& names, Mono now) const {
  std::vector<std::shared_ptr<Errand>> all;
  for (const auto& [role, watch] : roles_)
    for (auto& errand : watch->errands_due(key, names, now)) all.push_back(std::move(errand));
  return all;
}

void DomainWatch::endpoint_changed() {
  for (auto& [key, role] : roles_) {
    judge(*role);
    host_.changed(*this, key);
  }
}

void DomainWatch::judge(RoleWatch& role) {
  const FindEndpoint find = [this](const EndpointKey& key) { return host_.find(key); };
  if (role.judge(find, host_.resolver_health(now()), today())) host_.verdict_changed(role.record());
}

}  // namespace mxhealth::watch
