#include "watch/errand.hpp"

#include <algorithm>

#include "diagnosis/cause_of_errand.hpp"

namespace mxhealth::watch {

void Errand::leave(Mono now) {
  away_ = true;
  last_try_ = now;
}

// A session that never got there leaves the errand due.
bool Errand::come_back(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings) {
  away_ = false;
  const auto mine = std::ranges::find(run.envelopes, spec_.envelope, &EnvelopeRun::envelope);
  return mine != run.envelopes.end() && observe(diagnosis::result_of(*mine, run), now, settings);
}

bool Errand::observe(diagnosis::ErrandResult met, Mono now, const diagnosis::ConfirmSettings& settings) {
  const diagnosis::Bearing bearing = confirmation_.observe(met.cause, now, settings);
  if (bearing == diagnosis::Bearing::unknown) return false;  // our own fault: due as before
  latest_ = met;
  if (bearing == diagnosis::Bearing::accept) result_ = std::move(met);
  const bool look_again = bearing == diagnosis::Bearing::keep_and_probe;
  due_ = now + (look_again ? settings.after : diagnosis::backoff(apart_, confirmation_.throttled_in_row()));
  return look_again;
}

Ride::Ride(std::vector<std::shared_ptr<Errand>> due, Mono now) {
  std::ranges::stable_sort(due, {}, &Errand::last_try);
  for (const auto& errand : due) {
    const Envelope& wanted = errand->spec().envelope;
    if (std::ranges::find(envelopes_, wanted) == envelopes_.end()) {
      if (envelopes_.size() >= smtp::kMaxEnvelopes) continue;
      envelopes_.push_back(wanted);
    }
    errand->leave(now);
    riders_.push_back(errand);
  }
}

void Ride::ask(smtp::DialoguePlan& plan) const { plan.envelopes = envelopes_; }

bool Ride::take(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings) {
  bool look_again = false;
  for (const auto& errand : riders_) look_again = errand->come_back(run, now, settings) || look_again;
  return look_again;
}

}  // namespace mxhealth::watch
