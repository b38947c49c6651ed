#include "forecast/walk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "diagnosis/cause_of.hpp"
#include "forecast/routes.hpp"
#include "forecast/verdict.hpp"

namespace mxhealth::forecast {
namespace {

using namespace mxhealth::testing;

Walk walk_along(const Route& route) { return walk_of(route, kPostfixPatience, try_of); }
Prospect prospect_of(const Route& route) { return prospect(walk_along(route)); }

// Every order of equal preferences, walked one by one; the share of those that deliver.
double share_by_walking(const std::vector<Tier>& tiers, std::size_t first, unsigned slots) {
  if (first == tiers.size() || slots == 0) return 0;
  const Tier& tier = tiers[first];
  std::vector<std::size_t> order(tier.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto tried = std::min<std::size_t>(tier.size(), slots);
  double delivered = 0, walks = 0;
  do {
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(tried);
    const auto decides = [&](std::size_t i) { return tier[i].outcome != Outcome::moves_on; };
    const auto decided = std::find_if(order.begin(), end, decides);
    ++walks;
    if (decided == end)
      delivered += share_by_walking(tiers, first + 1, slots - static_cast<unsigned>(tried));
    else if (tier[*decided].outcome == Outcome::delivers)
      ++delivered;
  } while (std::next_permutation(order.begin(), order.end()));
  return delivered / walks;
}

std::vector<Tier> all_tiers(const Route& route) {
  std::vector<Tier> tiers;
  unsigned last = 1U << 16;
  for (const RouteHost& host : route.hosts) {
    if (host.preference != last) tiers.emplace_back();
    last = host.preference;
    for (const RouteAddress& address : host.addresses) tiers.back().push_back(try_of(address));
  }
  return tiers;
}

TEST(walk, counting_agrees_with_walking_every_order) {
  const std::string_view routes[] = {
      "10 ok",
      "10 refused",
      "10 refused 10 ok",
      "10 refused 20 ok",
      "10 refused 10 refused 10 refused 10 refused 10 refused 10 ok",
      "10 refused 10 refused 20 refused 20 refused 20 refused 20 unreachable 20 ok",
      "10 ehlo_rejected 10 ok",
      "10 ehlo_rejected 10 ok 10 refused 10 ok",
      "10 refused 10 refused 10 refused 10 refused 20 ehlo_rejected 20 refused 20 ok",
      "10 refused 20 refused 20 refused 20 ehlo_rejected 20 refused 20 ok 20 ok 30 ok",
      "10 refused 10 refused 10 refused 10 refused 10 refused 20 ok",
      "10 ehlo_rejected 20 ok",
      "10 refused 10 refused 10 refused 10 refused 10 refused 10 refused 10 ok 10 ok",
  };
  for (const std::string_view text : routes) {
    const Route route = route_from(text);
    EXPECT_NEAR(prospect(walk_along(route)).share, share_by_walking(all_tiers(route), 0, kPostfixPatience.tries), 1e-12)
        << text;
  }
}

// 200 messages through Postfix to each of these saw 0.175 and 0.395.
TEST(walk, the_share_is_what_a_real_sender_showed) {
  const Route one_of_six = route_from("10 refused 10 refused 10 refused 10 refused 10 refused 10 ok");
  EXPECT_NEAR(deferral_probability(one_of_six), 1.0 / 6, 1e-12);
  const Route two_tiers = route_from("10 refused 10 refused 20 refused 20 refused 20 refused 20 unreachable 20 ok");
  EXPECT_NEAR(deferral_probability(two_tiers), 0.4, 1e-12);
}

// Postfix keeps room for both families: five broken IPv6 addresses cannot crowd out five good IPv4 ones.
TEST(walk, neither_family_crowds_out_the_other) {
  const auto dual = [](std::size_t v6, std::size_t v4) {
    Route route;
    for (std::size_t i = 0; i < v6 + v4; ++i) {
      route.hosts.push_back(route_from(i < v6 ? "10 refused" : "10 ok").hosts.front());
      if (i < v6) route.hosts.back().addresses.front().address = *Address::parse("2001:db8::1");
    }
    return route;
  };
  for (const auto& [v6, v4] : {std::pair{5, 5}, {9, 1}, {20, 3}, {3, 2}})
    EXPECT_TRUE(prospect_of(dual(static_cast<std::size_t>(v6), static_cast<std::size_t>(v4))).every) << v6 << " " << v4;
  // One of three IPv4 addresses is good, three of six are kept if the first is IPv4, else two.
  Route route = dual(6, 3);
  for (std::size_t i : {6U, 7U}) route.hosts[i] = route_from("10 refused").hosts.front();
  EXPECT_NEAR(prospect_of(route).share, 1.0 / 3 * 1 + 2.0 / 3 * 2 / 3, 1e-12);
}

TEST(walk, certainty_is_counted_not_compared) {
  EXPECT_TRUE(prospect_of(route_from("10 refused 10 ok")).every);
  EXPECT_TRUE(prospect_of(route_from("10 refused 10 refused 10 refused 10 refused 10 ok")).every);
  const Prospect six = prospect_of(route_from("10 refused 10 refused 10 refused 10 refused 10 refused 10 ok"));
  EXPECT_TRUE(six.some);
  EXPECT_FALSE(six.every);
  EXPECT_FALSE(prospect_of(route_from("10 ehlo_rejected 10 ok")).every);
  EXPECT_FALSE(prospect_of(route_from("10 ehlo_rejected")).some);
}

TEST(walk, the_deciding_tier_is_the_last_one) {
  const Route route = route_from("10 refused 20 ok 30 ok");
  const Walk walk = walk_along(route);
  EXPECT_EQ(walk.tiers.size(), 2U);
  EXPECT_EQ(walk.tiers.back().front().decides, 1);
}

TEST(walk, it_goes_no_further_than_the_horizon) {
  const Route route = route_from("10 refused 20 refused 30 refused 40 refused 50 refused 60 ok");
  const Walk walk = walk_along(route);
  EXPECT_EQ(walk.tiers.size(), 5U);
  EXPECT_FALSE(prospect(walk).some);
  EXPECT_TRUE(prospect_of(route_from("10 refused 20 refused 30 refused 40 refused 50 ok")).every);
}

TEST(walk, hosts_without_addresses_take_no_slot) {
  const Route route = route_from("10 missing 20 missing 30 refused 40 refused 50 refused 60 refused 70 ok");
  EXPECT_TRUE(prospect(walk_along(route)).every);
}

TEST(walk, it_is_cut_where_the_sender_meets_itself) {
  const Route route = route_from("10 refused 20 loop 20 ok 30 ok");
  const Walk cut = walk_along(route);
  EXPECT_EQ(cut.tiers.size(), 1U);
  ASSERT_TRUE(cut.loop);
  EXPECT_EQ(cut.loop->cause, Cause::mx_loop);
  const Route at_once = route_from("10 loop 20 ok");
  EXPECT_TRUE(walk_along(at_once).tiers.empty());
  EXPECT_TRUE(prospect_of(route_from("10 ok 20 loop")).every);
}

// Postfix bounces when STARTTLS is demanded and refused with a hard status.
TEST(walk, a_hard_refusal_of_demanded_tls_ends_it) {
  Route route = route_from("10 refused 20 ok");
  auto& first = route.hosts.front().addresses.front();
  first.cause = diagnosis::found(Cause::starttls_refused);
  EXPECT_TRUE(prospect(walk_along(route)).every);
  first.cause->enhanced_status = "5.7.3";
  EXPECT_FALSE(prospect(walk_along(route)).some);
}

TEST(walk, tens_of_thousands_of_addresses_are_counted) {
  Route route;
  RouteHost host = route_from("10 refused").hosts.front();
  host.addresses.resize(50'000, host.addresses.front());
  host.addresses.back() = route_from("10 ok").hosts.front().addresses.front();
  route.hosts.push_back(host);
  EXPECT_NEAR(prospect(walk_along(route)).share, 5.0 / 50'000, 1e-9);
}

}  // namespace
}  // namespace mxhealth::forecast
