// How fast a list is asked.
#include "watch/query_rate.hpp"

#include <gtest/gtest.h>

namespace mxhealth::watch {
namespace {

using namespace std::chrono_literals;

TEST(QueryRate, allows_a_burst_and_then_a_steady_flow) {
  QueryRate rate;
  const Mono start = Mono{} + 1h;
  for (int i = 0; i < QueryRate::kBurst; ++i) EXPECT_EQ(rate.reserve(start), start);
  EXPECT_EQ(rate.reserve(start), start + QueryRate::kGap);
  EXPECT_EQ(rate.reserve(start), start + 2 * QueryRate::kGap);
  EXPECT_EQ(rate.reserve(start + 1h), start + 1h);
}

}  // namespace
}  // namespace mxhealth::watch
