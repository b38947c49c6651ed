#include "diagnosis/confirm.hpp"

#include <algorithm>

namespace mxhealth::diagnosis {

Bearing Confirmation::observe(const std::optional<CauseFound>& cause, Mono now, const ConfirmSettings& settings) {
  if (cause && class_of(cause->cause) == CauseClass::local) {
    // A row of failures without confirmation may have begun with our egress failing already.
    if (cause->cause == Cause::egress_blocked && unanswered_ < settings.probes) unanswered_ = 0;
    return Bearing::unknown;
  }

  const bool later = cause && (cause->cause == Cause::throttled || cause->cause == Cause::greylisted);
  throttled_in_row_ = later ? throttled_in_row_ + 1 : 0;

  if (!cause || is_said_by_server(cause->cause)) {
    unanswered_ = 0;
    if (later && ever_accepted_) return Bearing::keep;
    ever_accepted_ = true;
    return Bearing::accept;
  }

  // Two probes inside one hiccup are one observation.
  if (unanswered_ == 0 || now - last_counted_ >= settings.after) {
    ++unanswered_;
    last_counted_ = now;
  }
  if (unanswered_ < settings.probes) return Bearing::keep_and_probe;
  unanswered_ = settings.probes;  // stays down, and does not overflow
  ever_accepted_ = true;
  return Bearing::accept;
}

Duration backoff(Duration interval, unsigned repeats) {
  Duration wait = interval;
  for (unsigned i = 0; i < repeats && wait < kMaxBackoff; ++i) wait *= 2;
  return std::max(interval, std::min(wait, kMaxBackoff));
}

}  // namespace mxhealth::diagnosis
