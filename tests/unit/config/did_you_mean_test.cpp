#include "config/did_you_mean.hpp"

#include <gtest/gtest.h>

#include <array>

namespace mxhealth::config {
namespace {

constexpr std::array<std::string_view, 4> kWords{"interval", "ehlo_name", "mx", "timeouts"};

TEST(DidYouMean, finds_the_word_behind_a_slip) {
  EXPECT_EQ(did_you_mean("intervall", kWords), "interval");
  EXPECT_EQ(did_you_mean("intreval", kWords), "interval");
  EXPECT_EQ(did_you_mean("timeout", kWords), "timeouts");
  EXPECT_EQ(did_you_mean("helo_name", kWords), "ehlo_name");
  EXPECT_EQ(did_you_mean("mxx", kWords), "mx");
}

TEST(DidYouMean, stays_silent_when_nothing_is_near) {
  EXPECT_EQ(did_you_mean("resolver", kWords), std::nullopt);
  EXPECT_EQ(did_you_mean("", kWords), std::nullopt);
  EXPECT_EQ(did_you_mean(std::string(100'000, 'i'), kWords), std::nullopt);
  EXPECT_EQ(suggestion("zzz", kWords), "");
}

}  // namespace
}  // namespace mxhealth::config
