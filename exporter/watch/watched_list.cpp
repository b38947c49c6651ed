#include "watch/watched_list.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "log/event.hpp"
#include "net/clock.hpp"
#include "probes/list_test.hpp"

namespace mxhealth::watch {
namespace {

using net::now;
Wall today() { return std::chrono::system_clock::now(); }

}  // namespace

WatchedList::WatchedList(net::asio::io_context& io, Scheduler& scheduler, WatchedListHost& host)
    : io_(io), scheduler_(scheduler), host_(host) {}

void WatchedList::use(std::shared_ptr<net::Generation> generation, const dnsbl::List& list) {
  generation_ = std::move(generation);
  list_ = &list;
  plan();
}

void WatchedList::need(ListKind kind) {
  if (tests_.try_emplace(kind).second) plan();
}

void WatchedList::want_proof(ListKind kind) {
  tests_.at(kind).wanted = true;
  plan();
}

void WatchedList::stop() {
  stopped_ = true;
  scheduler_.cancel(*this);
}

std::optional<dnsbl::Ailment> WatchedList::ailment(ListKind kind) const {
  const auto tests = tests_.find(kind);
  return tests == tests_.end() ? dnsbl::Ailment::untested : tests->second.health.ailment();
}

std::optional<Mono> WatchedList::proved(ListKind kind) const {
  const auto tests = tests_.find(kind);
  return tests == tests_.end() ? std::nullopt : tests->second.health.proved();
}

std::optional<Wall> WatchedList::ailing_since(ListKind kind) const {
  const auto tests = tests_.find(kind);
  return tests == tests_.end() ? std::nullopt : tests->second.ailing_since;
}

// --- tests ---

Mono WatchedList::next_test(const Tests& tests) const {
  if (!tests.tested) return Mono{};
  if (tests.wanted) return *tests.tested + least_between();
  return *tests.tested + (tests.health.healthy() ? interval() : std::min<Duration>(kTestAgain, interval()));
}

void WatchedList::plan() {
  if (running_ || stopped_) return;
  Mono due = Mono::max();
  for (const auto& [kind, tests] : tests_) due = std::min(due, next_test(tests));
  if (due != Mono::max()) scheduler_.schedule(*this, std::max(due, now()), Urgency::confirmation);
}

void WatchedList::start() {
  running_ = true;
  boost::asio::co_spawn(io_.get_executor(), test(), [self = shared_from_this()](const std::exception_ptr& bug) {
    self->running_ = false;
    self->scheduler_.finished();
    if (bug) std::rethrow_exception(bug);
    self->plan();
  });
}

net::awaitable<void> WatchedList::test() {
  for (const ListKind kind : kListKinds) {
    const auto tests = tests_.find(kind);
    if (stopped_ || tests == tests_.end() || next_test(tests->second) > now()) continue;
    co_await test_kind(kind);
  }
}

net::awaitable<void> WatchedList::test_kind(ListKind kind) {
  const std::shared_ptr<net::Generation> generation = generation_;  // holds the list while it is asked
  const dnsbl::List& list = *list_;
  const Mono began = now();
  tests_[kind].tested = began;
  tests_[kind].wanted = false;
  const dnsbl::TestRound round = co_await probes::test_list(generation->resolver(), list, kind);
  if (!stopped_) take(kind, round, began);
}

// What fails while our own resolver does says nothing about the list.
void WatchedList::take(ListKind kind, const dnsbl::TestRound& round, Mono began) {
  using Kind = dnsbl::Reading::Kind;
  note(round, kind);
  Tests& tests = tests_[kind];
  const auto cut_short = [](const std::optional<Kind>& reading) { return reading == Kind::cancelled; };
  if (cut_short(round.listed) || cut_short(round.clean) || cut_short(round.absent)) return;
  const ResolverHealth resolver = generation_->resolver().health(now(), 2 * generation_->config().global.interval);
  const auto silent = [](const std::optional<Kind>& reading) {
    return reading == Kind::timed_out || reading == Kind::servfail;
  };
  const bool no_word = silent(round.listed) || silent(round.clean) || silent(round.absent);
  if (no_word && resolver != ResolverHealth::well) return;
  const bool changed = tests.health.take(round, began, std::max<Duration>(kProofLasts, 2 * interval()));
  if (changed) told(kind, tests);
}

void WatchedList::told(ListKind kind, Tests& tests) {
  const std::optional<dnsbl::Ailment> ailment = tests.health.ailment();
  if (ailment)
    log::event(log::Level::warn, "list_not_believed",
               {{"list", list_->name},
                {"kind", label(kind)},
                {"ailment", dnsbl::label(*ailment)},
                {"note", dnsbl::sentence(*ailment)}});
  else
    log::event(log::Level::info, "list_believed", {{"list", list_->name}, {"kind", label(kind)}});
  tests.ailing_since = ailment ? std::optional(today()) : std::nullopt;
  host_.health_changed(*this, kind);
}

// --- counting ---

void WatchedList::note(const dnsbl::TestRound& round, ListKind kind) {
  for (const auto& reading : {round.listed, round.clean, round.absent})
    if (reading) count(*reading, kind, today());
}

void WatchedList::count(dnsbl::Reading::Kind reading, ListKind kind, Wall at) {
  if (reading == dnsbl::Reading::Kind::cancelled) return;
  ++lookups_;
  const std::optional<ListFailure> failure = dnsbl::failure(reading);
  if (failure) ++failures_[static_cast<std::size_t>(*failure)];
  if (failure != ListFailure::timeout && failure != ListFailure::servfail) last_answer_ = at;
  host_.counted(*this);
  if (reading != dnsbl::Reading::Kind::hijacked) return;
  Tests& tests = tests_[kind];
  if (!tests.health.note_hijacked()) return;
  told(kind, tests);
  plan();
}

void WatchedList::count_late() {
  ++failures_[static_cast<std::size_t>(ListFailure::ratelimited)];
  host_.counted(*this);
}

ListRecord WatchedList::record() const {
  ListRecord record;
  record.key = {list_->name};
  record.allow_list = list_->allow_list;
  record.weight = list_->weight;
  for (const auto& [kind, tests] : tests_) {
    const std::optional<dnsbl::Ailment> ailment = tests.health.ailment();
    if (ailment == dnsbl::Ailment::untested) continue;
    record.healthy = record.healthy.value_or(true) && !ailment;
    if (ailment && record.ailment.empty()) record.ailment = dnsbl::sentence(*ailment);
  }
  record.lookups = lookups_;
  for (const ListFailure failure : kListFailures)
    record.failures.emplace_back(failure, failures_[static_cast<std::size_t>(failure)]);
  record.last_check = last_answer_;
  return record;
}

}  // namespace mxhealth::watch
