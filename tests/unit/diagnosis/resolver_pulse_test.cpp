#include "diagnosis/resolver_pulse.hpp"

#include <gtest/gtest.h>

namespace mxhealth::diagnosis {
namespace {

using namespace std::chrono_literals;

constexpr Mono kBegin{1h};
constexpr Duration kPatience = 2min;

class ResolverPulseTest : public testing::Test {
 protected:
  ResolverHealth at(Duration after) const { return pulse.health(kBegin + after, kPatience); }

  ResolverPulse pulse;
};

TEST_F(ResolverPulseTest, is_well_before_anything_was_asked_and_unsure_until_the_first_answer) {
  EXPECT_EQ(at(0s), ResolverHealth::well);
  EXPECT_FALSE(pulse.doubtful());
  pulse.failed(kBegin);
  EXPECT_TRUE(pulse.doubtful());
  EXPECT_EQ(at(0s), ResolverHealth::unsure);
  pulse.answered(kBegin + 1s);
  EXPECT_EQ(at(1s), ResolverHealth::well) << "it was never to blame: nothing has to settle";
}

TEST_F(ResolverPulseTest, one_that_never_answered_is_down_when_the_control_question_fails_too) {
  pulse.failed(kBegin);
  pulse.control_failed(kBegin);
  EXPECT_EQ(at(0s), ResolverHealth::down);
}

TEST_F(ResolverPulseTest, a_name_that_fails_is_blamed_at_once_while_the_resolver_is_well) {
  pulse.answered(kBegin);
  pulse.failed(kBegin + 1s);
  EXPECT_EQ(at(1s), ResolverHealth::well);
  pulse.answered(kBegin + 2s);
  pulse.failed(kBegin + 3s);
  EXPECT_EQ(at(3s), ResolverHealth::well);
}

TEST_F(ResolverPulseTest, one_that_used_to_answer_is_down_only_after_a_while) {
  pulse.answered(kBegin);
  pulse.failed(kBegin + 1s);
  pulse.control_failed(kBegin + 2s);
  EXPECT_EQ(at(2s), ResolverHealth::unsure);
  EXPECT_EQ(at(1s + kPatience - 1ms), ResolverHealth::unsure);
  EXPECT_EQ(at(1s + kPatience), ResolverHealth::down);
}

TEST_F(ResolverPulseTest, what_comes_back_settles_before_names_are_blamed_again) {
  pulse.answered(kBegin);
  pulse.control_failed(kBegin + 1s);
  EXPECT_EQ(at(1s + kPatience), ResolverHealth::down);
  const Duration back = 5min;
  pulse.answered(kBegin + back);
  pulse.failed(kBegin + back + 1s);
  EXPECT_EQ(at(back + kSettling - 1ms), ResolverHealth::unsure);
  EXPECT_EQ(at(back + kSettling), ResolverHealth::well);
  pulse.answered(kBegin + back + 2s);
  EXPECT_EQ(at(back + kSettling), ResolverHealth::well) << "further answers do not begin it anew";
}

TEST_F(ResolverPulseTest, a_control_question_that_fails_while_others_are_answered_proves_nothing) {
  pulse.answered(kBegin);
  pulse.failed(kBegin + 1s);
  pulse.answered(kBegin + 3s);
  pulse.control_failed(kBegin + 2s);  // asked then, ended later
  EXPECT_EQ(at(4s), ResolverHealth::well);
}

}  // namespace
}  // namespace mxhealth::diagnosis
