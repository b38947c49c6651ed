// How fast one list is asked: a burst, then a steady rate (the generic cell rate algorithm of ITU-T I.371). Pure.
#pragma once

#include <algorithm>

#include "model/time.hpp"

namespace mxhealth::watch {

class QueryRate {
 public:
  static constexpr Duration kGap = std::chrono::milliseconds(20);  // 50 a second in the long run
  static constexpr int kBurst = 300;                               // so many at once after a rest

  /// Takes the next place: when the question may be asked, `now` or later.
  Mono reserve(Mono now) {
    const Mono at = std::max(now, free_ - kGap * (kBurst - 1));
    free_ = std::max(free_, now) + kGap;
    return at;
  }

 private:
  Mono free_{};  // when all places taken so far would have been asked for at the steady rate
};

}  // namespace mxhealth::watch
