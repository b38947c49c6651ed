// One subject on one list, over time: when it counts as listed, what it was before, when to look again. A listing
// counts after a second check past our cache; one clean answer ends it; what is no statement changes neither (it is
// shown as `unknown` and forgotten with the next statement). Whether the list itself can be believed is list_health's
// business.
#pragma once

#include <chrono>
#include <optional>

#include "dnsbl/decode.hpp"
#include "model/time.hpp"

namespace mxhealth::dnsbl {

inline constexpr std::chrono::seconds kLeastSecondCheck{60};  // design section 7

class Listing {
 public:
  struct Next {
    Duration after;   ///< from now to the next check
    bool past_cache;  ///< it must not be answered from our cache
    bool changed;     ///< what state() says has changed, or the codes of a listing have
    bool ask_reason;  ///< a listing has begun, or has other codes: fetch TXT
  };

  /// `ttl` is what is left of the answer's. `believed`: the list is healthy; what an unhealthy one says is not taken.
  Next take(const Reading&, std::chrono::seconds ttl, Duration interval, bool believed, Wall now);

  /// Of the last statement and the last reading; `unhealthy` and health's `refused` are laid over it by the caller.
  ListingState state() const { return state_; }
  /// Of the listing that state() tells of; null unless listed.
  const Reading* listed_as() const { return state_ == ListingState::listed && counts_ ? &*counts_ : nullptr; }
  /// A listing counts, or did before the readings that were no statements.
  bool is_settled_listed() const { return settled_ == ListingState::listed; }
  std::optional<Wall> since() const { return since_; }  ///< of state()

 private:
  ListingState state_ = ListingState::unknown;
  std::optional<ListingState> settled_;  // the last that was a statement
  std::optional<Reading> counts_;        // of the listing that is settled
  std::optional<Reading> awaiting_;      // a first sight of a listing, until the second check
  std::optional<Wall> since_;
};

}  // namespace mxhealth::dnsbl
