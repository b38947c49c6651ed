// What a repeated lookup amounts to: the latest answer, the failure that has been confirmed, and the last good answer
// held for a while, so that an outage of DNS takes away neither probes nor series (design section 2, DNS holds).
// Pure; time is an argument.
#pragma once

#include <optional>

#include "model/dane.hpp"
#include "model/dns_facts.hpp"
#include "model/time.hpp"

namespace mxhealth::watch {

struct HoldSettings {
  int probes = 2;  ///< failures in a row before one counts (global.confirm)
  Duration hold = std::chrono::hours(1);
};

inline bool is_answer(const MxFacts& facts) { return mxhealth::is_answer(facts.lookup.end); }

inline bool is_answer(const TlsaFacts& facts) { return mxhealth::is_answer(facts.end); }

/// A host is answered when it has an address, or when every family asked for was answered.
inline bool is_answer(const HostFacts& facts) {
  const auto answered = [](const std::optional<LookupFacts>& f) { return !f || mxhealth::is_answer(f->end); };
  return !facts.addresses.empty() || (answered(facts.ipv4) && answered(facts.ipv6));
}

template <class Facts>
class Held {
 public:
  /// False: a failure that does not count yet; ask again soon. What failed while our resolver was down or in doubt says
  /// nothing of the name: it must not count later, when the resolver is well again.
  bool take(Facts facts, Mono now, const HoldSettings& settings, ResolverHealth resolver) {
    if (is_answer(facts)) {
      good_ = std::move(facts);
      good_at_ = now;
      failure_.reset();
      failures_ = 0;
      failing_ = false;
      return true;
    }
    failing_ = true;
    if (good_ && now - good_at_ > settings.hold) good_.reset();
    if (resolver != ResolverHealth::well) {
      failures_ = 0;
      return resolver == ResolverHealth::down;
    }
    if (++failures_ < settings.probes) return false;
    failure_ = std::move(facts);
    return true;
  }

  /// What verdicts follow: a confirmed failure, else the latest answer; nothing before either.
  const Facts* current() const { return failure_ ? &*failure_ : good(); }

  /// What probes and series follow: the last good answer while it is held.
  const Facts* good() const { return good_ ? &*good_ : nullptr; }

  /// The last good answer turns out to be none.
  void forget_good() { good_.reset(); }

  bool is_held() const { return failing_ && good_; }

 private:
  std::optional<Facts> good_;
  std::optional<Facts> failure_;
  Mono good_at_{};
  int failures_ = 0;  // in a row, that may count
  bool failing_ = false;
};

}  // namespace mxhealth::watch
