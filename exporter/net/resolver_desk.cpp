#include "net/resolver_desk.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "net/clock.hpp"

namespace mxhealth::net {
namespace {

constexpr auto kTick = std::chrono::milliseconds(50);  // precision of deadlines

Lookup lookup_of(std::shared_ptr<const dns::Answer> answer, std::chrono::seconds ttl, Duration duration) {
  LookupFacts facts{answer->end, answer->authenticated, ttl, answer->cname_hops, duration};
  return Lookup{facts, std::move(answer)};
}

Lookup cancelled() {
  auto answer = std::make_shared<dns::Answer>();
  answer->end = LookupEnd::cancelled;
  return lookup_of(std::move(answer), std::chrono::seconds(0), Duration::zero());
}

}  // namespace

Resolver::Desk::Desk(asio::io_context& io, ResolverSettings settings)
    : io_(io),
      settings_(std::move(settings)),
      servers_(io, settings_.servers, settings_.timeout),
      cache_(settings_.cache),
      tick_(io),
      check_timer_(io),
      soon_timer_(io) {}

void Resolver::Desk::begin() {
  if (!has_control_name()) return;
  held_back_ = true;
  check_every_interval();
}

std::optional<Lookup> Resolver::Desk::cached(const dns::Question& question, Duration max_age) {
  auto hit = cache_.find(question, now(), max_age);
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
  while (!held_back_ && !queued_.empty() && flying_ < settings_.outstanding) {
    const FlightPtr flight = std::move(queued_.front());
    queued_.pop_front();
    ++flying_;
    launch(flight, fly(shared_from_this(), flight));
  }
}

void Resolver::Desk::launch(const FlightPtr& flight, awaitable<void> flying) {
  flight->begun = now();
  by_deadline_.push_back(flight);
  asio::co_spawn(io_, std::move(flying), [](std::exception_ptr bug) {
    if (bug) std::rethrow_exception(bug);
  });
  arm_tick();
}

awaitable<void> Resolver::Desk::fly(std::shared_ptr<Desk> desk, FlightPtr flight) {
  dns::Answer answer = co_await desk->servers_.resolve(flight->question, flight->patience);
  desk->land(flight, std::move(answer));
}

void Resolver::Desk::land(const FlightPtr& flight, dns::Answer heard) {
  const Mono at = now();
  flight->landed = true;
  flights_.erase(flight->question);
  --flying_;
  if (forgery_.is_made_up(heard)) heard.end = LookupEnd::rewritten;
  const auto answer = std::make_shared<const dns::Answer>(std::move(heard));
  if (is_answer(answer->end)) {
    last_answered_ = flight->question;
    cache_.keep(flight->question, answer, at);
  }
  if (shows_a_working_resolver(answer->end))
    pulse_.answered(at);
  else if (answer->end != LookupEnd::cancelled)
    pulse_.failed(at);
  tell(*flight, lookup_of(answer, answer->ttl, at - flight->begun));
  start_queued();
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
  for (const FlightPtr& flight : controls_) flight->patience->end(RawReply::End::cancelled);
  flights_.clear();
  controls_.clear();
  queued_.clear();
  by_deadline_.clear();
  tick_.cancel();
  check_timer_.cancel();
  soon_timer_.cancel();
}

}  // namespace mxhealth::net
