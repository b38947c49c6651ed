#include "dnsbl/listing.hpp"

#include <algorithm>
#include <utility>

namespace mxhealth::dnsbl {

Listing::Next Listing::take(const Reading& reading, std::chrono::seconds ttl, Duration interval, bool believed,
                            Wall now) {
  const ListingState before = state_;
  const std::optional<Reading> counted = counts_;
  Next next{interval, false, false, false};
  const bool is_first_sight = reading.kind == Reading::Kind::listed && settled_ != ListingState::listed && !awaiting_;
  if (!believed || !is_statement(reading.kind)) {
    awaiting_.reset();
    state_ = reading.kind == Reading::Kind::refused ? ListingState::refused : ListingState::unknown;
  } else if (reading.kind == Reading::Kind::clean) {
    awaiting_.reset();
    counts_.reset();
    settled_ = state_ = ListingState::clean;
  } else if (is_first_sight) {
    awaiting_ = reading;
    if (state_ == ListingState::refused) state_ = ListingState::unknown;  // not any more, and no clean bill either
    next.after = std::min<Duration>(interval, std::max(ttl, kLeastSecondCheck));
    next.past_cache = true;
  } else {
    awaiting_.reset();
    counts_ = reading;
    settled_ = state_ = ListingState::listed;
  }
  if (state_ != before || !since_) since_ = now;
  next.changed = state_ != before || counts_ != counted;
  next.ask_reason = counts_ && (!counted || counts_->answers != counted->answers);
  return next;
}

}  // namespace mxhealth::dnsbl
