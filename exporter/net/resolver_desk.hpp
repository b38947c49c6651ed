// The inside of the resolver: who waits for which question, which are under way, until when; what the answers say about
// the resolver itself. Included by resolver*.cpp only. Its owners are the Resolver and the lookups under way.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "diagnosis/resolver_pulse.hpp"
#include "dns/cache.hpp"
#include "dns/forgery.hpp"
#include "net/failover.hpp"
#include "net/resolver.hpp"

namespace mxhealth::net {

class Resolver::Desk : public std::enable_shared_from_this<Desk> {
 public:
  using Waiter = std::function<void(Lookup)>;

  Desk(asio::io_context& io, ResolverSettings settings);
  void begin();
  void stop();

  std::optional<Lookup> cached(const dns::Question&, Duration max_age);
  void enter(const dns::Question&, Waiter);

  std::vector<ResolverRecord> records() const { return servers_.records(); }
  ResolverHealth health(Mono at, Duration patience);
  std::optional<bool> rewrites() const { return forgery_.found(); }

 private:
  // One question under way, and everybody who waits for it. Control questions have none, and no place in the queue.
  struct Flight {
    dns::Question question;
    std::shared_ptr<Patience> patience = std::make_shared<Patience>();  // the asking coroutine owns it too
    std::vector<Waiter> waiters;
    Mono begun{};
    bool landed = false;
  };
  using FlightPtr = std::shared_ptr<Flight>;  // owned by its coroutine, the register and the queue of deadlines

  // One round of control questions. With a control name: about itself, and A and AAAA of a name that cannot exist.
  struct Round {
    Mono begun{};
    std::size_t under_way = 0;
    bool answered = false;
    std::vector<dns::Answer> of_no_name;
  };

  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  bool has_control_name() const { return !settings_.control.is_root(); }
  void start_queued();
  void launch(const FlightPtr&, awaitable<void> flying);
  static awaitable<void> fly(std::shared_ptr<Desk>, FlightPtr);
  void land(const FlightPtr&, dns::Answer);
  void tell(Flight&, const Lookup&);
  void arm_tick();

  void check();
  void check_soon();
  void check_every_interval();
  FlightPtr control_flight(dns::Question);
  static awaitable<void> fly_control(std::shared_ptr<Desk>, FlightPtr, std::shared_ptr<Round>);
  void ask_elsewhere(const std::shared_ptr<Round>&);
  static awaitable<void> fly_elsewhere(std::shared_ptr<Desk>, FlightPtr, std::shared_ptr<Round>);
  static awaitable<void> fly_to_no_name(std::shared_ptr<Desk>, FlightPtr, std::shared_ptr<Round>);
  void note_answer(Round&, LookupEnd);
  void end_control(const FlightPtr&, Round&);
  void note_control_name(LookupEnd);
  void learn_forgeries(const Round&);

  asio::io_context& io_;
  ResolverSettings settings_;
  Failover servers_;
  dns::Cache cache_;
  std::unordered_map<dns::Question, FlightPtr> flights_;
  std::set<FlightPtr> controls_;
  std::deque<FlightPtr> queued_;
  std::deque<FlightPtr> by_deadline_;  // started: all have the same time, so first to start is first to end
  std::size_t flying_ = 0;
  diagnosis::ResolverPulse pulse_;
  dns::Forgery forgery_;
  dns::Question last_answered_{Name{}, dns::Type::ns};
  std::optional<Mono> checked_at_;
  bool control_missing_ = false;
  bool held_back_ = false;  // until the first round is over, so that nothing made up is believed
  bool stopped_ = false;
  bool ticking_ = false;
  bool checking_soon_ = false;
  Timer tick_;
  Timer check_timer_;
  Timer soon_timer_;
};

}  // namespace mxhealth::net
