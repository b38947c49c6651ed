// A duration histogram with the edges of this program: protocol constants, so that a jump between buckets means
// something (1, 3, 7 s: SYN retransmissions; 6 s: postscreen's greet wait; 30 and 300 s: Postfix's connect and command
// timeouts).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/time.hpp"

namespace mxhealth {

struct Histogram {
  static constexpr std::array<double, 15> kEdges{.005, .01, .025, .05, .1, .25, .5, 1, 3, 7, 15, 30, 60, 120, 300};

  std::array<std::uint64_t, kEdges.size() + 1> counts{};  // not cumulative; the last is beyond every edge
  double sum = 0;                                         // seconds

  void observe(Duration d) {
    const double value = seconds(d);
    std::size_t bucket = 0;
    while (bucket < kEdges.size() && value > kEdges[bucket]) ++bucket;
    ++counts[bucket];
    sum += value;
  }
};

}  // namespace mxhealth
