#include "watch/scheduler.hpp"

#include <algorithm>

namespace mxhealth::watch {

Scheduler::Job::~Job() {
  if (scheduler_ != nullptr) scheduler_->cancel(*this);
}

Scheduler::Scheduler(net::asio::io_context& io, Slots slots, Watcher& watcher)
    : timer_(io.get_executor()), slots_(slots), watcher_(watcher) {}

void Scheduler::set_slots(Slots slots) {
  slots_ = slots;
  fill_slots();
}

void Scheduler::schedule(Job& job, Mono due, Urgency urgency) {
  cancel(job);
  if (stopped_) return;
  job.scheduler_ = this;
  job.due_ = due;
  job.urgency_ = urgency;
  job.state_ = Job::State::timed;
  job.place_ = timed_.emplace(due, &job);
  if (job.place_ == timed_.begin()) arm();
}

void Scheduler::cancel(Job& job) {
  if (job.state_ == Job::State::timed) timed_.erase(job.place_);
  if (job.state_ == Job::State::queued) std::erase(queue(job.urgency_), &job);
  job.state_ = Job::State::idle;
  job.scheduler_ = nullptr;
}

void Scheduler::finished() {
  --in_flight_;
  fill_slots();
}

void Scheduler::stop() {
  stopped_ = true;
  timer_.cancel();
  while (!timed_.empty()) cancel(*timed_.begin()->second);
  for (auto& waiting : queues_)
    while (!waiting.empty()) cancel(*waiting.front());
}

void Scheduler::arm() {
  if (timed_.empty() || stopped_) return;
  timer_.expires_at(timed_.begin()->first);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    move_due(std::chrono::steady_clock::now());
    fill_slots();
    arm();
  });
}

void Scheduler::move_due(Mono now) {
  while (!timed_.empty() && timed_.begin()->first <= now) {
    Job& job = *timed_.begin()->second;
    timed_.erase(timed_.begin());
    job.state_ = Job::State::queued;
    queue(job.urgency_).push_back(&job);
  }
}

void Scheduler::fill_slots() {
  for (const Urgency urgency : {Urgency::canary, Urgency::confirmation, Urgency::routine}) {
    auto& waiting = queue(urgency);
    while (!waiting.empty() && has_slot(urgency) && !stopped_) {
      Job& job = *waiting.front();
      waiting.pop_front();
      start(job);
    }
  }
  std::size_t queued = 0;
  for (const auto& waiting : queues_) queued += waiting.size();
  watcher_.counts(in_flight_, queued);
}

bool Scheduler::has_slot(Urgency urgency) const {
  std::size_t kept_free = 0;
  if (urgency == Urgency::routine) kept_free += slots_.reserved;
  if (urgency != Urgency::canary) kept_free += slots_.canaries;
  return in_flight_ + kept_free < slots_.all;
}

void Scheduler::start(Job& job) {
  job.state_ = Job::State::idle;
  job.scheduler_ = nullptr;
  ++in_flight_;
  watcher_.started(std::chrono::steady_clock::now() - job.due_);
  job.start();
}

Duration stable_phase(std::size_t key_hash, Duration interval) {
  std::uint64_t mixed = key_hash;  // the finaliser of splitmix64: std::hash may be the identity
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  mixed ^= mixed >> 31U;
  return Duration(static_cast<Duration::rep>(mixed % static_cast<std::uint64_t>(interval.count())));
}

Mono next_at_phase(Mono last, Duration interval, Duration phase) {
  const Mono earliest = last + interval / 2;
  const Duration into = (earliest.time_since_epoch() - phase) % interval;
  return into <= Duration::zero() ? earliest - into : earliest + (interval - into);
}

}  // namespace mxhealth::watch
