// Confirm before down (design section 2): what one observation of an address may change. Pure; time is an argument.
// A failure without an answer counts after `probes` in a row; what the server said, and every success, at once;
// `throttled` and `greylisted` keep what was known; a cause of our own says nothing about the address at all.
#pragma once

#include <cstdint>
#include <optional>

#include "model/judgement.hpp"
#include "model/time.hpp"

namespace mxhealth::diagnosis {

struct ConfirmSettings {
  unsigned probes = 2;
  Duration after = std::chrono::seconds(5);
};

/// What to do with an observation.
enum class Bearing : std::uint8_t {
  accept,          ///< it is the address's state now
  keep,            ///< keep the state; probe again at the normal time (or later: `throttled_in_row`)
  keep_and_probe,  ///< keep the state; probe again after ConfirmSettings::after
  unknown,         ///< ours: the address's state is unknown until the next observation
};

class Confirmation {
 public:
  Bearing observe(const std::optional<CauseFound>& cause, Mono now, const ConfirmSettings& settings);

  /// How often in a row the server asked us to come back later: the exponent of `backoff`.
  unsigned throttled_in_row() const { return throttled_in_row_; }

 private:
  unsigned unanswered_ = 0;  // failures in a row, each `after` behind the one before
  unsigned throttled_in_row_ = 0;
  Mono last_counted_{};
  bool ever_accepted_ = false;
};

/// The wait before the next probe of a server that throttles us: the interval doubled per repeat, up to 1 h.
inline constexpr Duration kMaxBackoff = std::chrono::hours(1);
Duration backoff(Duration interval, unsigned repeats);

}  // namespace mxhealth::diagnosis
