#include "model/histogram.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace mxhealth {
namespace {

using namespace std::chrono_literals;

TEST(histogram, an_edge_belongs_to_its_own_bucket) {
  Histogram histogram;
  histogram.observe(5ms);
  histogram.observe(5ms + 1ns);
  EXPECT_EQ(histogram.counts[0], 1U);
  EXPECT_EQ(histogram.counts[1], 1U);
}

TEST(histogram, beyond_the_last_edge_is_the_last_bucket) {
  Histogram histogram;
  histogram.observe(300s);
  histogram.observe(301s);
  histogram.observe(24h);
  EXPECT_EQ(histogram.counts[Histogram::kEdges.size() - 1], 1U);
  EXPECT_EQ(histogram.counts[Histogram::kEdges.size()], 2U);
}

TEST(histogram, the_sum_is_in_seconds) {
  Histogram histogram;
  histogram.observe(500ms);
  histogram.observe(1500ms);
  histogram.observe(0ns);
  EXPECT_DOUBLE_EQ(histogram.sum, 2.0);
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0U), 3U);
}

TEST(histogram, edges_rise) {
  for (std::size_t i = 1; i < Histogram::kEdges.size(); ++i) EXPECT_LT(Histogram::kEdges[i - 1], Histogram::kEdges[i]);
}

}  // namespace
}  // namespace mxhealth
