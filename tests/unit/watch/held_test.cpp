#include "watch/held.hpp"

#include <gtest/gtest.h>

namespace mxhealth::watch {
namespace {

using namespace std::chrono_literals;

const Mono kBegin = Mono(1h);
const HoldSettings kSettings{.probes = 2, .hold = 1h};
constexpr auto kWell = ResolverHealth::well;

MxFacts mx(LookupEnd end, std::uint16_t preference = 10) {
  MxFacts facts;
  facts.lookup.end = end;
  if (end == LookupEnd::records) facts.hosts = {{preference, *Name::parse("mx.example.net")}};
  return facts;
}

TEST(Held, an_answer_counts_at_once_and_replaces_the_one_before) {
  Held<MxFacts> held;
  EXPECT_EQ(held.current(), nullptr);
  EXPECT_TRUE(held.take(mx(LookupEnd::records, 10), kBegin, kSettings, kWell));
  EXPECT_TRUE(held.take(mx(LookupEnd::records, 20), kBegin + 1min, kSettings, kWell));
  ASSERT_NE(held.current(), nullptr);
  EXPECT_EQ(held.current()->hosts[0].preference, 20);
  for (const LookupEnd negative : {LookupEnd::nxdomain, LookupEnd::no_data}) {
    EXPECT_TRUE(held.take(mx(negative), kBegin + 2min, kSettings, kWell));
    EXPECT_EQ(held.good()->lookup.end, negative);
    EXPECT_FALSE(held.is_held());
  }
}

TEST(Held, a_failure_counts_only_when_it_is_repeated) {
  Held<MxFacts> held;
  held.take(mx(LookupEnd::records), kBegin, kSettings, kWell);
  EXPECT_FALSE(held.take(mx(LookupEnd::timed_out), kBegin + 1min, kSettings, kWell));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::records);
  EXPECT_TRUE(held.is_held());
  EXPECT_TRUE(held.take(mx(LookupEnd::servfail), kBegin + 2min, kSettings, kWell));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::servfail);
  EXPECT_EQ(held.good()->lookup.end, LookupEnd::records);  // probes go on
}

TEST(Held, a_success_between_two_failures_begins_the_count_anew) {
  Held<MxFacts> held;
  held.take(mx(LookupEnd::timed_out), kBegin, kSettings, kWell);
  held.take(mx(LookupEnd::records), kBegin + 1min, kSettings, kWell);
  EXPECT_FALSE(held.take(mx(LookupEnd::timed_out), kBegin + 2min, kSettings, kWell));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::records);
}

TEST(Held, a_good_answer_is_held_for_its_time_and_not_longer) {
  Held<MxFacts> held;
  held.take(mx(LookupEnd::records), kBegin, kSettings, kWell);
  held.take(mx(LookupEnd::servfail), kBegin + 59min, kSettings, kWell);
  held.take(mx(LookupEnd::servfail), kBegin + 60min, kSettings, kWell);
  EXPECT_NE(held.good(), nullptr);
  EXPECT_TRUE(held.take(mx(LookupEnd::servfail), kBegin + 60min + 1s, kSettings, kWell));
  EXPECT_EQ(held.good(), nullptr);
  EXPECT_FALSE(held.is_held());
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::servfail);
}

TEST(Held, before_anything_is_confirmed_nothing_is_known) {
  Held<MxFacts> held;
  EXPECT_FALSE(held.take(mx(LookupEnd::timed_out), kBegin, kSettings, kWell));
  EXPECT_EQ(held.current(), nullptr);
  EXPECT_TRUE(held.take(mx(LookupEnd::timed_out), kBegin + 5s, kSettings, kWell));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::timed_out);
  EXPECT_EQ(held.good(), nullptr);
}

TEST(Held, a_host_is_answered_by_one_address_or_by_every_family) {
  HostFacts facts;
  facts.ipv4 = LookupFacts{.end = LookupEnd::no_data};
  facts.ipv6 = LookupFacts{.end = LookupEnd::servfail};
  EXPECT_FALSE(is_answer(facts));
  facts.addresses = {*Address::parse("2001:db8::1")};
  EXPECT_TRUE(is_answer(facts));
  facts.addresses.clear();
  facts.ipv6.reset();  // not asked for
  EXPECT_TRUE(is_answer(facts));
}

TEST(Held, what_failed_while_our_resolver_was_down_never_counts) {
  Held<MxFacts> held;
  held.take(mx(LookupEnd::records), kBegin, kSettings, kWell);
  EXPECT_FALSE(held.take(mx(LookupEnd::timed_out), kBegin + 1min, kSettings, ResolverHealth::unsure));
  EXPECT_FALSE(held.take(mx(LookupEnd::timed_out), kBegin + 2min, kSettings, ResolverHealth::unsure));
  EXPECT_TRUE(held.take(mx(LookupEnd::timed_out), kBegin + 3min, kSettings, ResolverHealth::down));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::records) << "also when the resolver is well again";
  EXPECT_TRUE(held.is_held());
  EXPECT_FALSE(held.take(mx(LookupEnd::timed_out), kBegin + 4min, kSettings, kWell)) << "the first that counts";
  EXPECT_TRUE(held.take(mx(LookupEnd::timed_out), kBegin + 5min, kSettings, kWell));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::timed_out);
}

TEST(Held, what_failed_in_doubt_does_not_count_when_the_doubt_is_over) {
  Held<MxFacts> held;
  held.take(mx(LookupEnd::records), kBegin, kSettings, kWell);
  held.take(mx(LookupEnd::servfail), kBegin + 1min, kSettings, ResolverHealth::unsure);
  EXPECT_FALSE(held.take(mx(LookupEnd::servfail), kBegin + 2min, kSettings, kWell));
  EXPECT_EQ(held.current()->lookup.end, LookupEnd::records);
}

}  // namespace
}  // namespace mxhealth::watch
