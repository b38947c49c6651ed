#include "watch/endpoint.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "diagnosis/cause_of.hpp"
#include "net/clock.hpp"

namespace mxhealth::watch {
namespace {

using net::now;

bool names_match(const SessionRun& run, const ServerName& server) {
  if (!run.tls || !run.tls->chain) return true;  // nothing was served that could be for somebody else
  return std::ranges::any_of(run.tls->chain->names,
                             [&](const NameMatch& match) { return match.name == server && match.matches; });
}

}  // namespace

Endpoint::Endpoint(EndpointKey key, net::asio::io_context& io, Scheduler& scheduler, EndpointWatcher& watcher)
    : key_(key), io_(io), scheduler_(scheduler), watcher_(watcher) {}

void Endpoint::want(const DomainName& by, const ServerName& server, Duration interval, bool try_tls) {
  const bool sooner = wanted() && interval < this->interval();
  users_.insert_or_assign({server, by}, User{interval, try_tls});
  if (const Mono next = next_routine(now()); sooner && due_ && next < *due_) schedule(next, Urgency::routine);
}

void Endpoint::release(const DomainName& by, const ServerName& server) {
  users_.erase({server, by});
  if (wanted()) return;
  scheduler_.cancel(*this);
  break_off();
}

// Who has the result of a session broken off before it: nobody. Others who wait for it dial themselves.
void Endpoint::break_off() {
  if (session_) session_->drain();
  if (waiting_for_) waiting_for_->over.cancel();
}

void Endpoint::use(std::shared_ptr<net::Generation> generation) { generation_ = std::move(generation); }

void Endpoint::begin(Mono first_due) { schedule(first_due, Urgency::routine); }

void Endpoint::schedule(Mono due, Urgency urgency) {
  due_ = due;
  scheduler_.schedule(*this, due, canary_ ? Urgency::canary : urgency);
}

void Endpoint::hurry(Mono due) {
  if (session_ || waiting_for_)
    hurry_ = std::min(due, hurry_.value_or(due));
  else if (due_ && due < *due_)
    schedule(due, Urgency::confirmation);
}

void Endpoint::drain() {
  drained_ = true;
  break_off();
}

std::vector<ServerName> Endpoint::names() const {
  std::vector<ServerName> names;
  for (const auto& [key, user] : users_)
    if (names.empty() || names.back() != key.first) names.push_back(key.first);
  return names;
}

std::set<DomainName> Endpoint::users() const {
  std::set<DomainName> users;
  for (const auto& [key, user] : users_) users.insert(key.second);
  return users;
}

bool Endpoint::is_for(const ServerName& server) const {
  const auto user = users_.lower_bound({server, DomainName{}});
  return user != users_.end() && user->first.first == server;
}

const SessionRun* Endpoint::confirmed(const ServerName& server) const {
  return unknown_ || now() > stale_at_ ? nullptr : last_known(server);
}

const SessionRun* Endpoint::last_known(const ServerName& server) const {
  const auto own = own_sni_.find(server);
  return own == own_sni_.end() ? confirmed_.get() : own->second.get();
}

bool Endpoint::is_down() const { return confirmed_ && !unknown_ && !diagnosis::answers(*confirmed_); }

tls::DaneJudgement Endpoint::dane(const ChainFacts* chain, const TlsaFacts& tlsa,
                                  const std::vector<Name>& names) const {
  return generation_->dane().judge(chain, tlsa, names, std::chrono::system_clock::now());
}

Duration Endpoint::interval() const {
  Duration shortest = canary_ ? canary_->interval : Duration::max();
  for (const auto& [key, user] : users_) shortest = std::min(shortest, user.interval);
  return shortest;
}

void Endpoint::start() {
  due_.reset();
  boost::asio::co_spawn(io_.get_executor(), probe(), [self = shared_from_this()](const std::exception_ptr& bug) {
    self->scheduler_.finished();
    if (bug) std::rethrow_exception(bug);
  });
}

net::awaitable<void> Endpoint::probe() {
  const Mono started = last_started_ = now();
  const bool targets_asked = for_targets();
  auto asked = question(names());
  auto run = co_await session(std::move(asked));
  if (drained_ || !wanted()) co_return;
  std::optional<Mono> soon;
  if (targets_asked)
    soon = take_in(std::move(run), started);
  else
    soon = take_in_as_canary(std::move(run), started);
  const bool counts = targets_asked && confirmed_ == latest_;
  if (counts) co_await probe_own_sni();
  if (left()) co_return;
  if (counts) co_await probe_oldest_tls();
  if (left()) co_return;
  if (std::exchange(errand_again_, false) && !soon) soon = now() + generation_->config().global.confirm.after;
  Mono next = soon.value_or(next_routine(started));
  if (const auto hurry = std::exchange(hurry_, std::nullopt)) next = std::min(next, std::max(*hurry, now()));
  stale_at_ = next + interval() + generation_->config().global.timeouts.session;
  schedule(next, soon ? Urgency::confirmation : Urgency::routine);
}

// Names that share the address but not the certificate served to the first of them: each is asked for by its own SNI.
net::awaitable<void> Endpoint::probe_own_sni() {
  std::vector<ServerName> mismatched;
  for (const ServerName& name : names())
    if (!names_match(*confirmed_, name) && confirmed_->tls->sni != name) mismatched.push_back(name);
  std::erase_if(own_sni_,
                [&](const auto& own) { return std::ranges::find(mismatched, own.first) == mismatched.end(); });
  if (mismatched.size() > kMaxOwnSni) mismatched.resize(kMaxOwnSni);
  for (const ServerName& name : mismatched) {
    auto asked = question({name});
    asked.by_own_name = true;
    const Mono started = now();
    auto run = co_await session(std::move(asked));
    if (drained_ || !wanted()) co_return;
    if (!is_for(name)) continue;  // released meanwhile: its series are gone, and stay so
    auto cause = diagnosis::cause_of(*run, policy());
    if (watcher_.dialled(*this, *run, cause, started) == diagnosis::Blame::blocked)
      cause = diagnosis::found(Cause::egress_blocked);
    const std::vector<ServerName> counted{name};
    if (run->tls) own_sni_.insert_or_assign(name, run);
    watcher_.attempted(*this, run, cause, counted);
  }
}

net::awaitable<std::shared_ptr<const SessionRun>> Endpoint::session(net::SessionsUnderWay::Question asked) {
  const std::shared_ptr<net::Generation> generation = generation_;  // a reload never pulls the floor away
  auto joined = co_await join(asked);
  if (joined || left()) co_return joined;
  const Mono started = now();
  net::SessionsUnderWay::Place place(generation->loop().sessions, place_key(), asked);
  Ride ride(errands_due(asked), started);
  probes::SessionPlan wanted = plan(asked);
  ride.ask(wanted.dialogue);
  session_ = std::make_unique<probes::Session>(generation->tools(), std::move(wanted));
  co_await session_->run();
  auto run = std::make_shared<const SessionRun>(session_->take_result());
  session_.reset();
  place.end(run->ending == Ending::stopped ? nullptr : run);
  if (ride.take(*run, now(), confirm_settings())) errand_again_ = true;
  watcher_.session_took(now() - started);
  co_return run;
}

// One session per address at a time (design section 2), whichever engine of this loop has it under way.
net::awaitable<std::shared_ptr<const SessionRun>> Endpoint::join(const net::SessionsUnderWay::Question& asked) {
  const std::shared_ptr<net::Generation> generation = generation_;
  while ((waiting_for_ = generation->loop().sessions.find(place_key())) && !left()) {
    const std::shared_ptr<net::SessionsUnderWay::Entry> other = waiting_for_;
    const bool answers = other->question.answers(asked) && errands_due(asked).empty();
    while (!other->ended && !left()) co_await other->over.async_wait(net::as_values);
    // Only what lived to its end tells of egress: the connect itself may be long ago.
    if (answers && other->run && !left() && other->run->ending == Ending::complete) watcher_.connected(*this);
    waiting_for_.reset();
    if (answers && other->run && !left()) co_return other->run;
  }
  waiting_for_.reset();
  co_return nullptr;
}

std::vector<std::shared_ptr<Errand>> Endpoint::errands_due(const net::SessionsUnderWay::Question& asked) {
  if (asked.only) return {};
  return watcher_.errands_due(*this, asked.names);
}

net::SessionsUnderWay::Question Endpoint::question(std::vector<ServerName> names) const {
  return {.names = std::move(names), .tls = asked_policy()};
}

TlsPolicy Endpoint::asked_policy() const {
  if (key_.implicit_tls) return TlsPolicy::implicit;
  const bool try_tls = std::ranges::any_of(users_, [](const auto& user) { return user.second.try_tls; });
  return try_tls ? TlsPolicy::opportunistic : TlsPolicy::off;
}

probes::SessionPlan Endpoint::plan(const net::SessionsUnderWay::Question& asked) const {
  const config::Global& global = generation_->config().global;
  std::vector<ServerName> names = asked.names;
  if (names.empty() && canary_) names.push_back(canary_->server);
  probes::SessionPlan plan{.peer = key_.peer,
                           .source = {},
                           .names = std::move(names),
                           .dialogue = {},
                           .only = asked.only,
                           .timeouts = global.timeouts,
                           .connected = {}};
  for (const Address& source : global.source_addresses)
    if (source.family() == key_.peer.address.family()) plan.source = source;
  plan.dialogue.ehlo_name = global.ehlo_name.str();
  plan.dialogue.tls = smtp::tls_mode(asked.tls);
  plan.connected = [this] {
    if (wanted() && !drained_) watcher_.connected(*this);
  };
  return plan;
}

std::optional<Mono> Endpoint::take_in(std::shared_ptr<const SessionRun> run, Mono began) {
  const auto cause = diagnosis::cause_of(*run, policy());
  latest_ = run;
  const bool in_doubt = cause && diagnosis::may_be_egress(cause->cause);
  if (!in_doubt)
    row_since_.reset();
  else if (!row_since_)
    row_since_ = began;
  const diagnosis::Blame blame = watcher_.dialled(*this, *run, cause, row_since_.value_or(began));
  if (cause && blame != diagnosis::Blame::own) {
    const auto again = hold(std::move(run), *cause);
    if (blame == diagnosis::Blame::held) return again;
    egress_lost();
    return std::nullopt;
  }
  count_held();
  if (in_doubt) row_since_ = now();
  return count(std::move(run), cause, now());
}

std::optional<Mono> Endpoint::count(std::shared_ptr<const SessionRun> run, const std::optional<CauseFound>& cause,
                                    Mono ended) {
  const diagnosis::Bearing bearing = confirmation_.observe(cause, ended, confirm_settings());
  switch (bearing) {
    case diagnosis::Bearing::accept: accept(run); [[fallthrough]];
    case diagnosis::Bearing::keep: unknown_.reset(); break;
    case diagnosis::Bearing::keep_and_probe: break;
    case diagnosis::Bearing::unknown: unknown_ = cause; break;
  }
  watcher_.attempted(*this, run, cause, names());
  if (bearing != diagnosis::Bearing::keep_and_probe) return std::nullopt;
  return std::max(now(), ended + confirm_settings().after);
}

diagnosis::ConfirmSettings Endpoint::confirm_settings() const {
  const config::Confirm& confirm = generation_->config().global.confirm;
  return {.probes = static_cast<unsigned>(confirm.probes), .after = confirm.after};
}

void Endpoint::accept(std::shared_ptr<const SessionRun> run) {
  const auto old = confirmed_ ? diagnosis::cause_of(*confirmed_, policy()) : std::nullopt;
  if (!confirmed_ || old != diagnosis::cause_of(*run, policy())) since_ = std::chrono::system_clock::now();
  confirmed_ = std::move(run);
  if (!diagnosis::answers(*confirmed_)) own_sni_.clear();
}

Mono Endpoint::next_routine(Mono started) const {
  const Duration every = diagnosis::backoff(interval(), confirmation_.throttled_in_row());
  const std::size_t hash = std::hash<Peer>{}(key_.peer);
  return std::max(next_at_phase(started, every, stable_phase(hash, every)), now());
}

}  // namespace mxhealth::watch
