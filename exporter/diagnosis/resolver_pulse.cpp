#include "diagnosis/resolver_pulse.hpp"

namespace mxhealth::diagnosis {

void ResolverPulse::answered(Mono at) {
  last_answer_ = at;
  failing_since_.reset();
  if (to_blame_) settled_at_ = at + kSettling;
  to_blame_ = false;
}

void ResolverPulse::failed(Mono at) {
  if (!failing_since_) failing_since_ = at;
}

void ResolverPulse::control_failed(Mono asked) {
  failed(asked);
  if (!last_answer_ || *last_answer_ < asked) to_blame_ = true;
}

ResolverHealth ResolverPulse::health(Mono now, Duration patience) const {
  if (to_blame_) {
    const bool long_enough = !last_answer_ || now - *failing_since_ >= patience;
    return long_enough ? ResolverHealth::down : ResolverHealth::unsure;
  }
  if (settled_at_ && now < *settled_at_) return ResolverHealth::unsure;
  return failing_since_ && !last_answer_ ? ResolverHealth::unsure : ResolverHealth::well;
}

}  // namespace mxhealth::diagnosis
