#include "dns/cache.hpp"

#include <gtest/gtest.h>

namespace mxhealth::dns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Mono kStart{};

Question question(int i = 0) { return {*Name::parse("d" + std::to_string(i) + ".example"), Type::mx}; }

std::shared_ptr<const Answer> answer(LookupEnd end, seconds ttl, std::size_t text = 1) {
  Answer a;
  a.end = end;
  a.ttl = ttl;
  if (end == LookupEnd::records) a.records.push_back({"d.example", Type::txt, 1, TextData{std::string(text, 'x')}});
  return std::make_shared<const Answer>(std::move(a));
}

TEST(DnsCache, answers_until_the_ttl_is_over) {
  Cache cache({.min_ttl = seconds(1)});
  cache.keep(question(), answer(LookupEnd::records, seconds(10)), kStart);
  const auto hit = cache.find(question(), kStart + seconds(4));
  ASSERT_TRUE(hit.answer);
  EXPECT_EQ(hit.ttl, seconds(6));
  EXPECT_TRUE(cache.find(question(), kStart + milliseconds(9999)).answer);
  EXPECT_FALSE(cache.find(question(), kStart + seconds(10)).answer);
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.octets(), 0U);
}

TEST(DnsCache, what_is_not_believed_any_more_is_dropped) {
  Cache cache({});
  for (int i = 0; i < 3; ++i)
    cache.keep(question(i), answer(i == 1 ? LookupEnd::nxdomain : LookupEnd::records, seconds(100)), kStart);
  cache.drop_if([](const Answer& a) { return a.end == LookupEnd::records; });
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_TRUE(cache.find(question(1), kStart).answer);
  EXPECT_FALSE(cache.find(question(0), kStart).answer);
}

TEST(DnsCache, ttl_is_held_between_its_bounds) {
  Cache cache({.min_ttl = seconds(60), .max_ttl = seconds(100)});
  cache.keep(question(1), answer(LookupEnd::records, seconds(0)), kStart);
  cache.keep(question(2), answer(LookupEnd::records, seconds(5000)), kStart);
  EXPECT_TRUE(cache.find(question(1), kStart + seconds(59)).answer);
  EXPECT_FALSE(cache.find(question(1), kStart + seconds(60)).answer);
  EXPECT_TRUE(cache.find(question(2), kStart + seconds(99)).answer);
  EXPECT_FALSE(cache.find(question(2), kStart + seconds(100)).answer);
}

TEST(DnsCache, keeps_negative_answers_that_name_a_ttl) {
  Cache cache({});
  cache.keep(question(1), answer(LookupEnd::nxdomain, seconds(60)), kStart);
  cache.keep(question(2), answer(LookupEnd::no_data, seconds(60)), kStart);
  cache.keep(question(3), answer(LookupEnd::nxdomain, seconds(0)), kStart);
  EXPECT_TRUE(cache.find(question(1), kStart).answer);
  EXPECT_TRUE(cache.find(question(2), kStart).answer);
  EXPECT_FALSE(cache.find(question(3), kStart).answer);
}

TEST(DnsCache, never_keeps_failures_and_forgets_what_they_replace) {
  Cache cache({});
  for (const auto end : {LookupEnd::servfail, LookupEnd::refused, LookupEnd::malformed, LookupEnd::timed_out,
                         LookupEnd::unreachable, LookupEnd::cancelled}) {
    cache.keep(question(), answer(LookupEnd::records, seconds(60)), kStart);
    cache.keep(question(), answer(end, seconds(60)), kStart);
    EXPECT_FALSE(cache.find(question(), kStart).answer);
  }
}

TEST(DnsCache, types_are_told_apart) {
  Cache cache({});
  cache.keep(question(), answer(LookupEnd::records, seconds(60)), kStart);
  EXPECT_FALSE(cache.find({question().name, Type::a}, kStart).answer);
}

TEST(DnsCache, the_least_recently_used_goes_when_entries_are_too_many) {
  Cache cache({.entries = 2});
  cache.keep(question(1), answer(LookupEnd::records, seconds(60)), kStart);
  cache.keep(question(2), answer(LookupEnd::records, seconds(60)), kStart);
  EXPECT_TRUE(cache.find(question(1), kStart).answer);
  cache.keep(question(3), answer(LookupEnd::records, seconds(60)), kStart);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_TRUE(cache.find(question(1), kStart).answer);
  EXPECT_FALSE(cache.find(question(2), kStart).answer);
}

TEST(DnsCache, octets_are_bounded_by_what_answers_hold) {
  Cache cache({.octets = 100'000});
  for (int i = 0; i < 100; ++i) cache.keep(question(i), answer(LookupEnd::records, seconds(60), 10'000), kStart);
  EXPECT_LE(cache.octets(), 100'000U);
  EXPECT_GE(cache.size(), 5U);
  cache.keep(question(7), answer(LookupEnd::records, seconds(60), 200'000), kStart);  // alone too big
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.octets(), 0U);
}

}  // namespace
}  // namespace mxhealth::dns
