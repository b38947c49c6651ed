// Starts jobs when they are due and a slot is free. Knows nothing of what a job does.
// Confirmations have reserved slots, so that a storm of failures cannot keep the second look away; canaries have more,
// so that it cannot blind us to our own egress (design section 3).
// A job that is due while it waits or runs is not started twice.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <map>

#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::watch {

enum class Urgency : std::uint8_t { routine, confirmation, canary };

class Scheduler {
 public:
  class Job {
   public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job();

   private:
    friend class Scheduler;
    virtual void start() = 0;  // takes the slot; must be followed by one Scheduler::finished
    enum class State : std::uint8_t { idle, timed, queued };
    Scheduler* scheduler_ = nullptr;
    std::multimap<Mono, Job*>::iterator place_;
    Mono due_{};
    Urgency urgency_ = Urgency::routine;
    State state_ = State::idle;
  };

  struct Slots {
    std::size_t all;
    std::size_t reserved;      // left free by routine jobs
    std::size_t canaries = 0;  // left free by routine jobs and confirmations
  };

  /// What the scheduler's own metrics are made of.
  struct Watcher {
    virtual ~Watcher() = default;
    virtual void started(Duration lag) = 0;
    virtual void counts(std::size_t in_flight, std::size_t queued) = 0;
  };

  Scheduler(net::asio::io_context&, Slots, Watcher&);
  ~Scheduler() { stop(); }  // jobs may outlive it
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void set_slots(Slots);
  void schedule(Job&, Mono due, Urgency);  // replaces an earlier date
  void cancel(Job&);
  void finished();
  void stop();  // starts nothing any more
  std::size_t in_flight() const { return in_flight_; }

 private:
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

  void arm();
  void move_due(Mono now);
  void fill_slots();
  bool has_slot(Urgency) const;
  void start(Job&);
  std::deque<Job*>& queue(Urgency urgency) { return queues_[static_cast<std::size_t>(urgency)]; }

  Timer timer_;
  Slots slots_;
  Watcher& watcher_;
  std::multimap<Mono, Job*> timed_;
  std::deque<Job*> queues_[3];
  std::size_t in_flight_ = 0;
  bool stopped_ = false;
};

/// The stable place of `key` inside `interval`: the same in every run of the program, uniform over keys.
Duration stable_phase(std::size_t key_hash, Duration interval);

/// The next date at the stable phase that is at least half an interval after `last`.
Mono next_at_phase(Mono last, Duration interval, Duration phase);

}  // namespace mxhealth::watch
