// Whether our own resolver works (design section 3), from what its lookups bring. A failing name is no failing
// resolver: when lookups fail, whoever owns this asks a control question, and only if that fails too, and nobody else
// was answered meanwhile, is the resolver to blame. Pure; time is an argument.
#pragma once

#include <optional>

#include "model/dns_facts.hpp"
#include "model/time.hpp"

namespace mxhealth::diagnosis {

/// After an outage resolvers give remembered failures for a while (unbound: 5 s): no name is blamed for them.
inline constexpr Duration kSettling = std::chrono::seconds(10);

class ResolverPulse {
 public:
  void answered(Mono at);
  void failed(Mono at);
  void control_failed(Mono asked);

  /// Lookups fail, or have never been answered: time for the control question.
  bool doubtful() const { return failing_since_.has_value(); }

  /// Down: not even the control question was answered, for `patience` or since the beginning.
  ResolverHealth health(Mono now, Duration patience) const;

 private:
  std::optional<Mono> last_answer_;
  std::optional<Mono> failing_since_;  // the first failure after the last answer
  std::optional<Mono> settled_at_;
  bool to_blame_ = false;
};

}  // namespace mxhealth::diagnosis
