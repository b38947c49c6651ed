// What an endpoint does while nobody knows whether a failure is its own or that of our egress: such failures are held,
// and once it is settled they count, or they never were the address's. And what it does for us as a canary.
#include <algorithm>

#include "diagnosis/cause_of.hpp"
#include "net/clock.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {
namespace {

constexpr std::size_t kMaxHeld = 8;  // in doubt at once: only the last can be the first of a row that counts

using net::now;

}  // namespace

// The wait grows up to the interval: who is in doubt must not knock ever faster.
std::optional<Mono> Endpoint::hold(std::shared_ptr<const SessionRun> run, CauseFound cause) {
  const Duration after = generation_->config().global.confirm.after;
  const auto waits = static_cast<unsigned>(held_.size());
  if (held_.size() == kMaxHeld) {
    const Held oldest = std::move(held_.front());
    held_.erase(held_.begin());
    watcher_.attempted(*this, oldest.run, oldest.cause, names());
  }
  held_.push_back({std::move(run), std::move(cause), now()});
  if (is_down()) return std::nullopt;  // nothing new is at stake
  return now() + std::min(diagnosis::backoff(after, waits), std::max(after, interval()));
}

// What came before a success, or before a failure that counts by itself, is counted as attempts alone.
void Endpoint::count_held() {
  for (const Held& held : std::exchange(held_, {})) watcher_.attempted(*this, held.run, held.cause, names());
}

// The last failure held is the first of its row: those before it may have been ours.
void Endpoint::egress_proved() {
  if (held_.empty()) return;
  const Held last = held_.back();
  held_.pop_back();
  count_held();
  row_since_ = last.ended;
  if (const auto again = count(last.run, last.cause, last.ended)) hurry(*again);
}

void Endpoint::egress_lost() {
  const CauseFound blocked = diagnosis::found(Cause::egress_blocked);
  unknown_ = blocked;
  row_since_.reset();
  confirmation_.observe(blocked, now(), confirm_settings());
  for (const Held& held : std::exchange(held_, {})) watcher_.attempted(*this, held.run, blocked, names());
  watcher_.state_changed(*this);
}

void Endpoint::serve_as_canary(const ServerName& server, Duration interval) {
  const bool sooner = wanted() && interval < this->interval();
  canary_ = Canary{server, interval};
  if (sooner) hurry(next_routine(now()));
}

void Endpoint::leave_canary() {
  canary_.reset();
  if (wanted()) return;
  scheduler_.cancel(*this);
  break_off();
}

// It shows whether we can connect, and nothing else about the host: it was not asked what targets would ask.
std::optional<Mono> Endpoint::take_in_as_canary(std::shared_ptr<const SessionRun> run, Mono began) {
  const auto cause = diagnosis::cause_of(*run, policy());
  watcher_.dialled(*this, *run, cause, began);
  watcher_.attempted(*this, run, cause, {});
  return for_targets() ? std::optional(now()) : std::nullopt;  // a target came to want it meanwhile
}

}  // namespace mxhealth::watch
