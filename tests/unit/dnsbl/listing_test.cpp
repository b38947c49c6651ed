#include "dnsbl/listing.hpp"

#include <gtest/gtest.h>

namespace mxhealth::dnsbl {
namespace {

using Kind = Reading::Kind;
using namespace std::chrono_literals;

Reading reading(Kind kind, const char* code = "127.0.0.2") {
  Reading one;
  one.kind = kind;
  if (kind == Kind::listed) one.answers = {Address::parse(code).value()};
  return one;
}

const Wall kStart{std::chrono::hours(400000)};

struct ListingTest : testing::Test {
  ListingState take(const Reading& what, bool believed = true, std::chrono::seconds ttl = 300s) {
    now += 1h;
    next = listing.take(what, ttl, 1h, believed, now);
    return listing.state();
  }
  ListingState take(Kind kind, bool believed = true) { return take(reading(kind), believed); }
  void settle_listed() {
    take(Kind::listed);
    take(Kind::listed);
  }
  Listing listing;
  Listing::Next next{};
  Wall now = kStart;
};

constexpr Kind kNoStatements[] = {Kind::unknown_code, Kind::hijacked, Kind::no_data, Kind::servfail, Kind::timed_out};

TEST_F(ListingTest, is_unknown_before_anything_was_said) {
  EXPECT_EQ(listing.state(), ListingState::unknown);
  EXPECT_EQ(listing.listed_as(), nullptr);
  EXPECT_EQ(listing.since(), std::nullopt);
}

TEST_F(ListingTest, is_clean_at_the_first_word) {
  EXPECT_EQ(take(Kind::clean), ListingState::clean);
  EXPECT_TRUE(next.changed);
  EXPECT_EQ(next.after, 1h);
  EXPECT_FALSE(next.past_cache);
  EXPECT_FALSE(next.ask_reason);
  EXPECT_EQ(listing.since(), now);
}

TEST_F(ListingTest, counts_after_a_second_check_past_the_cache) {
  take(Kind::clean);
  EXPECT_EQ(take(Kind::listed), ListingState::clean);
  EXPECT_FALSE(next.changed || next.ask_reason);
  EXPECT_TRUE(next.past_cache);
  EXPECT_EQ(next.after, 300s);
  EXPECT_EQ(take(Kind::listed), ListingState::listed);
  EXPECT_TRUE(next.changed && next.ask_reason);
  EXPECT_FALSE(next.past_cache);
  EXPECT_EQ(next.after, 1h);
  ASSERT_NE(listing.listed_as(), nullptr);
  EXPECT_EQ(*listing.listed_as(), reading(Kind::listed));
  EXPECT_EQ(listing.since(), now);
  EXPECT_EQ(take(Kind::listed), ListingState::listed);
  EXPECT_FALSE(next.changed || next.ask_reason);
}

TEST_F(ListingTest, checks_again_no_sooner_than_a_minute_and_no_later_than_the_interval) {
  const auto second_check = [](std::chrono::seconds ttl, Duration interval) {
    return Listing{}.take(reading(Kind::listed), ttl, interval, true, kStart).after;
  };
  EXPECT_EQ(second_check(0s, 1h), 60s);
  EXPECT_EQ(second_check(-5s, 1h), 60s);
  EXPECT_EQ(second_check(59s, 1h), 60s);
  EXPECT_EQ(second_check(61s, 1h), 61s);
  EXPECT_EQ(second_check(7200s, 1h), 1h);
  EXPECT_EQ(second_check(0s, 5s), 5s);
}

TEST_F(ListingTest, of_a_first_sight_stays_unknown) {
  EXPECT_EQ(take(Kind::listed), ListingState::unknown);
  EXPECT_EQ(listing.listed_as(), nullptr);
}

TEST_F(ListingTest, never_counts_while_it_flaps) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(take(Kind::listed), ListingState::listed);
    EXPECT_EQ(take(Kind::clean), ListingState::clean);
    EXPECT_EQ(listing.listed_as(), nullptr);
  }
}

TEST_F(ListingTest, is_ended_by_one_clean_answer) {
  settle_listed();
  EXPECT_EQ(take(Kind::clean), ListingState::clean);
  EXPECT_TRUE(next.changed);
  EXPECT_EQ(listing.listed_as(), nullptr);
  EXPECT_EQ(take(Kind::listed), ListingState::clean);  // a new one begins from the beginning
  EXPECT_TRUE(next.past_cache);
}

TEST_F(ListingTest, is_neither_raised_nor_cleared_by_what_is_no_statement) {
  for (const Kind kind : kNoStatements) {
    Listing one;
    for (int i = 0; i < 3; ++i) {
      const auto then = one.take(reading(kind), 300s, 1h, true, kStart);
      EXPECT_EQ(one.state(), ListingState::unknown);
      EXPECT_EQ(then.after, 1h);
      EXPECT_FALSE(then.changed || then.past_cache || then.ask_reason);
    }
  }
}

TEST_F(ListingTest, comes_back_at_once_after_silence) {
  settle_listed();
  for (const Kind kind : kNoStatements) {
    EXPECT_EQ(take(kind), ListingState::unknown);
    EXPECT_TRUE(next.changed);
    EXPECT_EQ(listing.listed_as(), nullptr);
    EXPECT_EQ(listing.since(), now);
    EXPECT_EQ(take(Kind::listed), ListingState::listed);
    EXPECT_TRUE(next.changed);
    EXPECT_FALSE(next.ask_reason);
  }
}

TEST_F(ListingTest, shows_a_refusal_as_one) {
  settle_listed();
  EXPECT_EQ(take(Kind::refused), ListingState::refused);
  EXPECT_EQ(take(Kind::timed_out), ListingState::unknown);
  EXPECT_EQ(take(Kind::refused), ListingState::refused);
  EXPECT_EQ(take(Kind::listed), ListingState::listed);
}

TEST_F(ListingTest, is_not_refused_any_more_once_it_is_seen) {
  take(Kind::refused);
  EXPECT_EQ(take(Kind::listed), ListingState::unknown);
  EXPECT_TRUE(next.changed);
  EXPECT_EQ(take(Kind::listed), ListingState::listed);
}

TEST_F(ListingTest, begins_anew_when_there_was_no_statement_between_its_checks) {
  take(Kind::clean);
  take(Kind::listed);
  EXPECT_EQ(take(Kind::timed_out), ListingState::unknown);
  EXPECT_FALSE(next.past_cache);
  EXPECT_EQ(take(Kind::listed), ListingState::unknown);
  EXPECT_TRUE(next.past_cache);
  EXPECT_EQ(take(Kind::listed), ListingState::listed);
}

TEST_F(ListingTest, gives_no_clean_bill_for_a_first_sight_after_silence) {
  take(Kind::clean);
  for (const Kind kind : {Kind::timed_out, Kind::refused}) {
    take(kind);
    EXPECT_EQ(take(Kind::listed), ListingState::unknown);
  }
}

TEST_F(ListingTest, of_a_list_that_is_not_believed_says_nothing) {
  EXPECT_EQ(take(Kind::listed, false), ListingState::unknown);
  EXPECT_EQ(take(Kind::listed, false), ListingState::unknown);
  EXPECT_EQ(take(Kind::clean, false), ListingState::unknown);
  EXPECT_EQ(take(Kind::refused, false), ListingState::refused);
}

TEST_F(ListingTest, is_kept_while_its_list_is_not_believed) {
  settle_listed();
  EXPECT_EQ(take(Kind::clean, false), ListingState::unknown);
  EXPECT_EQ(take(Kind::listed, true), ListingState::listed);
  EXPECT_EQ(take(Kind::listed, false), ListingState::unknown);
  EXPECT_EQ(take(Kind::clean, true), ListingState::clean);
}

TEST_F(ListingTest, forgets_a_first_sight_when_its_list_falls_ill) {
  take(Kind::listed);
  take(Kind::listed, false);
  EXPECT_FALSE(next.past_cache);
  EXPECT_EQ(take(Kind::listed), ListingState::unknown);
  EXPECT_EQ(take(Kind::listed), ListingState::listed);
}

TEST_F(ListingTest, asks_for_the_reason_anew_when_the_codes_change) {
  settle_listed();
  EXPECT_EQ(take(reading(Kind::listed, "127.0.0.3")), ListingState::listed);
  EXPECT_TRUE(next.changed && next.ask_reason);
  EXPECT_EQ(listing.listed_as()->answers, reading(Kind::listed, "127.0.0.3").answers);
}

}  // namespace
}  // namespace mxhealth::dnsbl
