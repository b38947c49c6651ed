#include "dnsbl/list_health.hpp"

#include <gtest/gtest.h>

#include <set>

namespace mxhealth::dnsbl {
namespace {

using Kind = Reading::Kind;
using namespace std::chrono_literals;

constexpr TestRound kGood{Kind::listed, Kind::clean, Kind::clean};
constexpr TestRound kSilent{Kind::timed_out, Kind::timed_out, Kind::timed_out};
constexpr Duration kHour = 1h;
const Mono kStart{100h};

struct ListHealthTest : testing::Test {
  bool take(const TestRound& round, Duration after = 0s) { return health.take(round, kStart + after, kHour); }
  std::optional<Ailment> after_good(const TestRound& round) {
    ListHealth fresh;
    fresh.take(kGood, kStart, kHour);
    fresh.take(round, kStart + 1min, kHour);
    return fresh.ailment();
  }
  ListHealth health;
};

TEST_F(ListHealthTest, is_not_believed_before_it_is_tested) {
  EXPECT_FALSE(health.healthy());
  EXPECT_EQ(health.ailment(), Ailment::untested);
}

TEST_F(ListHealthTest, is_believed_when_its_points_say_what_they_must) {
  EXPECT_TRUE(take(kGood));
  EXPECT_TRUE(health.healthy());
  EXPECT_FALSE(take(kGood, 1h));
}

TEST_F(ListHealthTest, is_content_with_the_points_that_a_list_has) {
  EXPECT_EQ(after_good({{}, {}, Kind::clean}), std::nullopt);
  take({{}, {}, Kind::clean});
  EXPECT_TRUE(health.healthy());
}

TEST_F(ListHealthTest, proves_nothing_by_asking_nothing) {
  take({});
  EXPECT_EQ(health.ailment(), Ailment::no_answer);
}

TEST_F(ListHealthTest, names_what_a_round_shows) {
  EXPECT_EQ(after_good({Kind::clean, Kind::clean, Kind::clean}), Ailment::lists_nothing);
  EXPECT_EQ(after_good({Kind::listed, Kind::listed, Kind::clean}), Ailment::lists_all);
  EXPECT_EQ(after_good({Kind::listed, Kind::clean, Kind::listed}), Ailment::lists_all);
  EXPECT_EQ(after_good({Kind::listed, {}, Kind::unknown_code}), Ailment::lists_all);
  EXPECT_EQ(after_good({Kind::listed, Kind::unknown_code, Kind::clean}), Ailment::lists_all);
  EXPECT_EQ(after_good({Kind::unknown_code, Kind::clean, Kind::clean}), Ailment::unknown_code);
}

TEST_F(ListHealthTest, is_hijacked_or_refused_by_any_point) {
  for (int point = 0; point < 3; ++point) {
    TestRound round = kGood;
    auto& told = point == 0 ? round.listed : point == 1 ? round.clean : round.absent;
    told = Kind::refused;
    EXPECT_EQ(after_good(round), Ailment::refused) << point;
    told = Kind::hijacked;
    EXPECT_EQ(after_good(round), Ailment::hijacked) << point;
  }
  EXPECT_EQ(after_good({Kind::hijacked, Kind::refused, Kind::listed}), Ailment::hijacked);
  EXPECT_EQ(after_good({Kind::refused, Kind::refused, Kind::listed}), Ailment::refused);
}

TEST_F(ListHealthTest, lives_on_its_last_proof_while_its_points_are_not_answered) {
  for (const Kind lost : {Kind::timed_out, Kind::servfail, Kind::no_data}) {
    ListHealth lives;
    lives.take(kGood, kStart, kHour);
    EXPECT_FALSE(lives.take({lost, lost, lost}, kStart + kHour, kHour));
    EXPECT_TRUE(lives.healthy());
    EXPECT_TRUE(lives.take({lost, lost, lost}, kStart + kHour + 1ns, kHour));
    EXPECT_EQ(lives.ailment(), Ailment::no_answer);
  }
}

TEST_F(ListHealthTest, takes_half_a_round_for_no_proof) {
  take(kGood);
  take({Kind::listed, Kind::timed_out, Kind::clean}, 30min);
  EXPECT_TRUE(health.healthy());
  take({Kind::listed, Kind::timed_out, Kind::clean}, 61min);
  EXPECT_EQ(health.ailment(), Ailment::no_answer);
}

TEST_F(ListHealthTest, takes_bad_news_of_half_a_round) {
  take(kGood);
  EXPECT_TRUE(take({Kind::timed_out, Kind::timed_out, Kind::listed}, 1min));
  EXPECT_EQ(health.ailment(), Ailment::lists_all);
}

TEST_F(ListHealthTest, is_not_cured_by_silence) {
  take({Kind::clean, Kind::clean, Kind::clean});
  take(kSilent, 1min);
  EXPECT_EQ(health.ailment(), Ailment::no_answer);
  EXPECT_TRUE(take(kGood, 2min));
  EXPECT_TRUE(health.healthy());
}

TEST_F(ListHealthTest, learns_nothing_from_a_round_that_was_cut_short) {
  EXPECT_FALSE(take({Kind::listed, Kind::cancelled, Kind::clean}));
  EXPECT_EQ(health.ailment(), Ailment::untested);
  take(kGood);
  EXPECT_FALSE(take({Kind::cancelled, Kind::cancelled, Kind::cancelled}, 5h));
  EXPECT_TRUE(health.healthy());
}

TEST_F(ListHealthTest, was_never_proved_by_silence) {
  EXPECT_TRUE(take(kSilent));
  EXPECT_EQ(health.ailment(), Ailment::no_answer);
  EXPECT_FALSE(take(kSilent, 1min));
}

TEST_F(ListHealthTest, is_not_believed_after_a_hijacked_subject_until_the_next_good_round) {
  take(kGood);
  EXPECT_TRUE(health.note_hijacked());
  EXPECT_FALSE(health.note_hijacked());
  EXPECT_EQ(health.ailment(), Ailment::hijacked);
  take(kSilent, 1min);
  EXPECT_FALSE(health.healthy());
  EXPECT_TRUE(take(kGood, 2min));
  EXPECT_TRUE(health.healthy());
}

TEST(Ailment, each_has_a_word_and_a_sentence_of_its_own) {
  std::set<std::string_view> words;
  for (auto ailment = 0; ailment <= static_cast<int>(Ailment::unknown_code); ++ailment) {
    words.insert(label(static_cast<Ailment>(ailment)));
    words.insert(sentence(static_cast<Ailment>(ailment)));
  }
  EXPECT_EQ(words.size(), 14U);
  EXPECT_EQ(label(Ailment::untested), "untested");
  EXPECT_EQ(label(Ailment::lists_all), "lists_all");
  EXPECT_EQ(label(Ailment::unknown_code), "unknown_code");
}

}  // namespace
}  // namespace mxhealth::dnsbl
