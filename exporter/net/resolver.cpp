#include "net/resolver.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <unordered_map>
#include <utility>

#include "net/failover.hpp"

namespace mxhealth::net {
namespace {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Waiter = std::function<void(Lookup)>;

constexpr auto kTick = std::chrono::milliseconds(50);  // precision of deadlines

Mono now() { return std::chrono::steady_clock::now(); }

Lookup lookup_of(std::shared_ptr<const dns::Answer> answer, std::chrono::seconds ttl, Duration duration) {
  LookupFacts facts{answer->end, answer->authenticated, ttl, answer->cname_hops, duration};
  return Lookup{facts, std::move(answer)};
}

Lookup cancelled() {
  auto answer = std::make_shared<dns::Answer>();
  answer->end = LookupEnd::cancelled;
  return lookup_of(std::move(answer), std::chrono::seconds(0), Duration::zero());
}

// One question under way, and everybody who waits for it.
struct Flight {
  dns::Question question;
  std::shared_ptr<Patience> patience = std::make_shared<Patience>();  // the asking coroutine owns it too
  std::vector<Waiter> waiters;
  Mono begun{};
  bool landed = false;
};
using FlightPtr = std::shared_ptr<Flight>;  // owned by its coroutine, the register and the queue of deadlines

// Several lookups that one caller waits for.
struct Bundle {
  std::vector<Lookup> lookups;
  std::size_t missing = 0;
  std::function<void(std::vector<Lookup>)> done;
};

}  // namespace

class Resolver::Desk : public std::enable_shared_from_this<Desk> {
 public:
  Desk(asio::io_context& io, ResolverSettings settings);
  std::optional<Lookup> cached(const dns::Question&);
  void enter(const dns::Question&, Waiter);
  void stop();
  std::vector<ResolverRecord> records() const { return servers_.records(); }

  ResolverHealth health(Mono at, Duration patience);

 private:
  void ask_control(Mono at);
  static awaitable<void> fly(std::shared_ptr<Desk>, FlightPtr);
  void start_queued();
  void land(const FlightPtr&, std::shared_ptr<const dns::Answer>);
  void tell(Flight&, const Lookup&);
  void arm_tick();

  asio::io_context& io_;
  ResolverSettings settings_;
  Failover servers_;
  dns::Cache cache_;
  std::unordered_map<dns::Question, FlightPtr> flights_;
  std::deque<FlightPtr> queued_;
  std::deque<FlightPtr> by_deadline_;  // started: all have the same time, so first to start is first to end
  std::size_t flying_ = 0;
  std::optional<Mono> failing_since_;  // the first lookup to fail after the last answer
  std::optional<Mono> control_asked_;
  dns::Question control_{Name{}, dns::Type::ns};  // the last question that was answered
  bool ever_answered_ = false;
  bool control_failed_ = false;
  bool stopped_ = false;
  bool ticking_ = false;
  Timer tick_;
};

Resolver::Desk::Desk(asio::io_context& io, ResolverSettings settings)
    : io_(io),
      settings_(std::move(settings)),
      servers_(io, settings_.servers, settings_.timeout),
      cache_(settings_.cache),
      tick_(io) {}

std::optional<Lookup> Resolver::Desk::cached(const dns::Question& question) {
  auto hit = cache_.find(question, now());
  if (!hit.answer) return std::nullopt;
  return lookup_of(std::move(hit.answer), hit.ttl, Duration::zero());
}

void Resolver::Desk::enter(const dns::Question& question, Waiter waiter) {
  if (stopped_) {
    asio::post(io_, [waiter = std::move(waiter)] { waiter(cancelled()); });
    return;
  }
  FlightPtr& flight = flights_[question];
  if (flight) {
    flight->waiters.push_back(std::move(waiter));
    return;
  }
  flight = std::make_shared<Flight>();
  flight->question = question;
  flight->waiters.push_back(std::move(waiter));
  queued_.push_back(flight);
  start_queued();
}

void Resolver::Desk::start_queued() {
  while (!queued_.empty() && flying_ < settings_.outstanding) {
    const FlightPtr flight = std::move(queued_.front());
    queued_.pop_front();
    ++flying_;
    flight->begun = now();
    by_deadline_.push_back(flight);
    asio::co_spawn(io_, fly(shared_from_this(), flight), [](std::exception_ptr bug) {
      if (bug) std::rethrow_exception(bug);
    });
  }
  arm_tick();
}

awaitable<void> Resolver::Desk::fly(std::shared_ptr<Desk> desk, FlightPtr flight) {
  dns::Answer answer = co_await desk->servers_.resolve(flight->question, flight->patience);
  desk->land(flight, std::make_shared<const dns::Answer>(std::move(answer)));
}

void Resolver::Desk::land(const FlightPtr& flight, std::shared_ptr<const dns::Answer> answer) {
  const Mono at = now();
  flight->landed = true;
  flights_.erase(flight->question);
  --flying_;
  if (is_answer(answer->end)) {
    control_ = flight->question;
    cache_.keep(flight->question, answer, at);
  }
  if (is_answer(answer->end) || answer->end == LookupEnd::bogus) {  // a resolver that validates well is well
    ever_answered_ = true;
    control_failed_ = false;
    failing_since_.reset();
  } else if (answer->end != LookupEnd::cancelled && !failing_since_) {
    failing_since_ = at;
  }
  const auto ttl = answer->ttl;
  tell(*flight, lookup_of(std::move(answer), ttl, at - flight->begun));
  start_queued();
}

// A failing name is not a failing resolver: before we say so, what must be answered is asked again.
ResolverHealth Resolver::Desk::health(Mono at, Duration patience) {
  if (!failing_since_) return ResolverHealth::well;
  ask_control(at);
  if (!failing_since_ || (ever_answered_ && !control_failed_)) return ResolverHealth::well;
  if (!ever_answered_) return control_failed_ ? ResolverHealth::down : ResolverHealth::unsure;
  return at - *failing_since_ >= patience ? ResolverHealth::down : ResolverHealth::unsure;
}

void Resolver::Desk::ask_control(Mono at) {
  if (control_asked_ && at - *control_asked_ < kControlEvery) return;
  control_asked_ = at;
  enter(control_, [self = shared_from_this()](const Lookup& lookup) {
    self->control_failed_ = !is_answer(lookup.facts.end) && lookup.facts.end != LookupEnd::cancelled;
  });
}

void Resolver::Desk::tell(Flight& flight, const Lookup& lookup) {
  for (Waiter& waiter : std::exchange(flight.waiters, {})) {
    asio::post(io_, [waiter = std::move(waiter), lookup] { waiter(lookup); });
  }
}

void Resolver::Desk::arm_tick() {
  while (!by_deadline_.empty() && by_deadline_.front()->landed) by_deadline_.pop_front();
  if (ticking_ || by_deadline_.empty()) return;
  ticking_ = true;
  tick_.expires_after(kTick);
  tick_.async_wait([self = shared_from_this()](auto error) {
    self->ticking_ = false;
    if (error) return;
    auto& started = self->by_deadline_;
    const Mono latest = now() - self->settings_.timeout;
    while (!started.empty() && (started.front()->landed || started.front()->begun <= latest)) {
      if (!started.front()->landed) started.front()->patience->end(RawReply::End::timed_out);
      started.pop_front();
    }
    self->arm_tick();
  });
}

// Waiters are told at once rather than by their flights: they own this desk, and the loop may never run again.
void Resolver::Desk::stop() {
  stopped_ = true;
  for (const auto& [question, flight] : flights_) {
    tell(*flight, cancelled());
    flight->patience->end(RawReply::End::cancelled);
  }
  flights_.clear();
  queued_.clear();
  by_deadline_.clear();
  tick_.cancel();
}

namespace {

template <class Desk>
awaitable<std::vector<Lookup>> wait_for_all(Desk* desk, std::vector<dns::Question>* questions) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::vector<Lookup>)>(
      [](auto handler, Desk* at, std::vector<dns::Question>* asked) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto bundle = std::make_shared<Bundle>();
        bundle->lookups.resize(asked->size());
        bundle->missing = asked->size();
        bundle->done = [shared](std::vector<Lookup> lookups) { (*shared)(std::move(lookups)); };
        for (std::size_t i = 0; i < asked->size(); ++i) {
          at->enter((*asked)[i], [bundle, i](Lookup lookup) {
            bundle->lookups[i] = std::move(lookup);
            if (--bundle->missing == 0) bundle->done(std::move(bundle->lookups));
          });
        }
      },
      use_awaitable, desk, questions);
}

}  // namespace

Resolver::Resolver(asio::io_context& io, ResolverSettings settings)
    : desk_(std::make_shared<Desk>(io, std::move(settings))) {}

Resolver::~Resolver() { desk_->stop(); }

awaitable<Lookup> Resolver::lookup(Name name, dns::Type type) {
  std::vector<dns::Type> one{type};
  std::vector<Lookup> lookups = co_await lookup_all(std::move(name), std::move(one));
  co_return std::move(lookups.front());
}

awaitable<std::vector<Lookup>> Resolver::lookup_all(Name name, std::vector<dns::Type> types) {
  const std::shared_ptr<Desk> desk = desk_;
  std::vector<Lookup> lookups(types.size());
  std::vector<std::size_t> places;
  std::vector<dns::Question> missing;
  for (std::size_t i = 0; i < types.size(); ++i) {
    dns::Question question{name, types[i]};
    if (auto hit = desk->cached(question)) {
      lookups[i] = std::move(*hit);
    } else {
      places.push_back(i);
      missing.push_back(std::move(question));
    }
  }
  if (!missing.empty()) {
    std::vector<Lookup> fresh = co_await wait_for_all(desk.get(), &missing);
    for (std::size_t i = 0; i < places.size(); ++i) lookups[places[i]] = std::move(fresh[i]);
  }
  co_return lookups;
}

void Resolver::stop() { desk_->stop(); }
std::vector<ResolverRecord> Resolver::records() const { return desk_->records(); }
ResolverHealth Resolver::health(Mono now, Duration patience) { return desk_->health(now, patience); }

}  // namespace mxhealth::net
