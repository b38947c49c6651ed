#include "watch/engine.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "diagnosis/cause_of.hpp"
#include "log/event.hpp"
#include "net/clock.hpp"

namespace mxhealth::watch {
namespace {

constexpr Scheduler::Slots kLookupSlots{.all = 1000, .reserved = 50, .canaries = 20};

using net::now;

// A share for each, at least one, and at least one for everything else.
Scheduler::Slots session_slots(std::size_t in_flight, bool has_canaries) {
  const auto share = [](std::size_t one_in, std::size_t all, std::size_t of) {
    return std::min(std::max<std::size_t>(1, all / one_in), of);
  };
  const std::size_t reserved = share(20, in_flight, in_flight - 1);
  const std::size_t canaries = has_canaries ? share(50, in_flight, in_flight - 1 - reserved) : 0;
  return {.all = in_flight, .reserved = reserved, .canaries = canaries};
}

}  // namespace

Engine::Engine(net::Loop& loop, metrics::Own& own, std::function<void(Feed)> publish, Pace pace)
    : loop_(loop),
      own_(own),
      publish_(std::move(publish)),
      pace_(pace),
      sessions_(loop.io, session_slots(2, false), smtp_slots_),
      lookups_(loop.io, kLookupSlots, lookup_slots_),
      egress_(loop.io, lookups_, *this),
      lists_(loop.io, own, *this),
      policies_(loop.io, *this, pace == Pace::at_once),
      feed_timer_(loop.io.get_executor()),
      ready_timer_(loop.io.get_executor()) {
  ready_timer_.expires_after(kReadyAfter);
  ready_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    ready_anyway_ = true;
    feed_soon();
  });
}

// Lookups under way own the generation that owns their resolver.
Engine::~Engine() { stop_resolvers(); }

void Engine::use(std::shared_ptr<net::Generation> generation, std::size_t in_flight) {
  generation_ = std::move(generation);
  std::erase_if(generations_, [](const auto& old) { return old.expired(); });
  generations_.push_back(generation_);
  forget_resolvers();
  sessions_.set_slots(session_slots(in_flight, !generation_->config().canaries.empty()));
  own_.probes_in_flight_limit(in_flight);
  const auto& targets = generation_->config().targets;
  std::set<DomainName> named;
  for (const config::Target& target : targets) named.insert(target.name);
  std::vector<DomainName> gone;
  for (const auto& [name, domain] : domains_)
    if (!named.contains(name)) gone.push_back(name);
  for (const DomainName& name : gone) remove(name);
  for (const config::Target& target : targets) add_or_change(target);
  for (const auto& [key, endpoint] : endpoints_) endpoint->use(generation_);
  egress_.use(generation_);
  lists_.use(generation_);
  policies_.use(generation_);
  subjects_changed_ = true;
  feed_soon();
}

void Engine::add_or_change(const config::Target& target) {
  auto& domain = domains_[target.name];
  DomainHost& host = *this;
  if (!domain) domain = std::make_shared<DomainWatch>(loop_.io, lookups_, host);
  const std::vector<Role> before = domain->roles();
  domain->use(generation_, target);
  const std::vector<Role> after = domain->roles();
  for (const Role role : before)
    if (std::ranges::find(after, role) == after.end()) forget({target.name, role});
  domain->begin(first_due(std::hash<Name>{}(target.name), target.interval));
  for (const Role role : after) changed(*domain, role);
}

void Engine::forget(const DomainKey& key) {
  gone_.emplace_back(key);
  dirty_domains_.erase(key);
  servers_released_ = true;
}

void Engine::forget_resolvers() {
  std::set<std::string> current;
  for (const ResolverRecord& record : generation_->resolver().records()) current.insert(record.resolver);
  std::erase_if(resolver_lookups_, [&](const auto& known) {
    const bool gone = !current.contains(known.first);
    if (gone) gone_.emplace_back(known.first);
    return gone;
  });
}

void Engine::stop_resolvers() {
  for (const auto& generation : generations_)
    if (const auto used = generation.lock()) used->resolver().stop();
}

void Engine::remove(const DomainName& name) {
  const auto domain = domains_.extract(name);
  for (const Role role : domain.mapped()->roles()) forget({name, role});
  domain.mapped()->leave();
}

void Engine::drain(std::function<void()> done) {
  drained_ = std::move(done);
  stopped_ = true;
  lookups_.stop();
  sessions_.stop();
  ready_timer_.cancel();
  feed_timer_.cancel();
  egress_.stop();
  lists_.stop();
  policies_.stop();
  for (const auto& [name, domain] : domains_) domain->stop();
  for (const auto& [key, endpoint] : endpoints_) endpoint->drain();
  stop_resolvers();
  tell_drained();
}

bool Engine::settled() const {
  const auto has_verdicts = [](const auto& domain) { return domain.second->has_results(); };
  const auto is_asked = [](const auto& endpoint) { return endpoint.second->latest() != nullptr; };
  return sessions_.in_flight() == 0 && lookups_.in_flight() == 0 && !subjects_changed_ &&
         std::ranges::all_of(domains_, has_verdicts) && std::ranges::all_of(endpoints_, is_asked);
}

void Engine::SmtpSlots::started(Duration lag) {
  engine.own_.scheduler_lag(lag);
  if (lag > engine.generation_->config().global.interval) engine.own_.missed_cycle();
}

void Engine::SmtpSlots::counts(std::size_t in_flight, std::size_t queued) {
  engine.own_.probes_in_flight(in_flight);
  engine.own_.queue_length(queued);
  engine.slot_is_free();
}

// A look at one target is over when nothing runs any more: whoever waits for that is told with a feed.
void Engine::slot_is_free() {
  tell_drained();
  if (pace_ == Pace::at_once && generation_) feed_soon();
}

void Engine::tell_drained() {
  if (!drained_ || sessions_.in_flight() > 0 || lookups_.in_flight() > 0 || lists_.in_flight() > 0) return;
  if (policies_.in_flight() > 0) return;
  boost::asio::post(loop_.io, std::exchange(drained_, nullptr));
}

// --- what targets ask for ---

// Half of the first wait is for the lookup, half for the sessions it brings.
Mono Engine::first_due(std::size_t hash, Duration interval) const {
  if (pace_ == Pace::at_once) return now();
  return now() + stable_phase(hash, std::min(interval, kFirstWithin) / 2);
}

void Engine::want(const Wish& wish, const DomainName& by, Duration interval, bool try_tls) {
  const bool is_new = !endpoints_.contains(wish.endpoint);
  const std::shared_ptr<Endpoint> endpoint = make_endpoint(wish.endpoint);
  const bool was_canary = !is_new && !endpoint->for_targets();
  const bool new_name = !endpoint->is_for(wish.server);
  endpoint->want(by, wish.server, interval, try_tls);
  const Mono due = first_due(std::hash<Peer>{}(wish.endpoint.peer), interval);
  if (is_new) endpoint->begin(due);
  if (was_canary) endpoint->hurry(due);
  subjects_changed_ = subjects_changed_ || is_new || was_canary;
  if (!new_name) return;
  ledger({wish.server, wish.endpoint.peer.port}).add(*endpoint);
  dirty_addresses_.insert({wish.server, wish.endpoint});
  feed_soon();
}

void Engine::release(const Wish& wish, const DomainName& by) {
  const auto found = endpoints_.find(wish.endpoint);
  if (found == endpoints_.end()) return;
  const std::shared_ptr<Endpoint> endpoint = found->second;
  endpoint->release(by, wish.server);
  if (const auto server = servers_.find({wish.server, wish.endpoint.peer.port}); server != servers_.end())
    server->second.forget(by);
  if (!endpoint->wanted()) erase_endpoint(wish.endpoint);
  subjects_changed_ = true;
  if (endpoint->is_for(wish.server)) return;
  ledger({wish.server, wish.endpoint.peer.port}).remove(*endpoint);
  dirty_addresses_.erase({wish.server, wish.endpoint});
  gone_.emplace_back(AddressKey{wish.server, wish.endpoint.peer});
  servers_released_ = true;
  feed_soon();
}

const Endpoint* Engine::find(const EndpointKey& key) const {
  const auto found = endpoints_.find(key);
  return found == endpoints_.end() ? nullptr : found->second.get();
}

// Design section 3: down only if for two intervals no question at all was answered.
ResolverHealth Engine::resolver_health(Mono now) {
  return generation_->resolver().health(now, 2 * generation_->config().global.interval);
}

void Engine::host_looked_up(const ServerKey& server, Duration took) { ledger(server).observe_dns(took); }

void Engine::dropped(std::size_t servers, std::size_t addresses) {
  if (servers > 0) own_.series_dropped(metrics::Limit::servers_per_domain, servers);
  if (addresses > 0) own_.series_dropped(metrics::Limit::addresses_per_server, addresses);
}

ServerLedger& Engine::ledger(const ServerKey& key) {
  dirty_servers_.insert(key);
  return servers_.try_emplace(key, key).first->second;
}

// --- what came of it ---

void Engine::attempted(const Endpoint& endpoint, const std::shared_ptr<const SessionRun>& run,
                       const std::optional<CauseFound>& cause, const std::vector<ServerName>& names) {
  const bool tried = !diagnosis::has_no_route(*run);
  note_route(endpoint.key().peer, tried);
  for (const ServerName& server : names) {
    if (tried) ledger({server, endpoint.key().peer.port}).count(endpoint, *run, cause);
    if (tried) sessions_ended_.push_back({{server, endpoint.key().peer}, run, cause, std::chrono::system_clock::now()});
    dirty_addresses_.insert({server, endpoint.key()});
  }
  judge_users(endpoint);
}

void Engine::state_changed(const Endpoint& endpoint) {
  for (const ServerName& server : endpoint.names()) dirty_addresses_.insert({server, endpoint.key()});
  judge_users(endpoint);
}

void Engine::judge_users(const Endpoint& endpoint) {
  for (const DomainName& name : endpoint.users())
    if (const auto domain = domains_.find(name); domain != domains_.end()) domain->second->endpoint_changed();
  feed_soon();
}

std::vector<std::shared_ptr<Errand>> Engine::errands_due(const Endpoint& endpoint,
                                                         const std::vector<ServerName>& names) {
  std::vector<std::shared_ptr<Errand>> all;
  for (const DomainName& name : endpoint.users())
    if (const auto domain = domains_.find(name); domain != domains_.end())
      for (auto& errand : domain->second->errands_due(endpoint.key(), names, now())) all.push_back(std::move(errand));
  for (const auto& errand : all)
    if (errand->login() != nullptr) ledger({errand->spec().server, endpoint.key().peer.port}).note(errand);
  return all;
}

void Engine::verdict_changed(const DomainRecord& record) {
  if (pace_ == Pace::at_once) return;
  const bool good = *record.verdict == Verdict::ok || *record.verdict == Verdict::no_mail;
  log::event(good ? log::Level::info : log::Level::warn, "verdict_changed",
             {{"domain", record.key.domain.str()},
              {"role", label(record.key.role)},
              {"verdict", label(*record.verdict)},
              {"cause", record.cause ? label(record.cause->cause) : "none"},
              {"enhanced_status", record.cause ? record.cause->enhanced_status : "none"},
              {"side", record.cause ? label(record.cause->side) : "none"}});
}

void Engine::session_took(Duration took) { own_.cycle_duration(metrics::Prober::smtp, took); }
void Engine::cycle_took(Duration took) {
  own_.cycle_duration(metrics::Prober::mx, took);
  lookups_took_ += took;
}

void Engine::changed(const DomainWatch& domain, Role role) {
  dirty_domains_.insert({domain.target().name, role});
  if (role == Role::mx && domain.has_results()) policies_.set_mail_hosts(domain.target().name, domain.mail_hosts());
  feed_soon();
}

}  // namespace mxhealth::watch
