// The counted shares against simulated senders: random routes, each walked thousands of times in random orders, one try
// after the other. What a try does is written down here anew, so that a mistake in a model shows.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "forecast/routes.hpp"
#include "forecast/sender.hpp"
#include "forecast/verdict.hpp"

namespace mxhealth::forecast {
namespace {

using namespace mxhealth::testing;

constexpr int kRoutes = 25;
constexpr int kShuffles = 2000;  // of each route by each sender: 10^5 in all

enum class Act { deliver, move_on, session, refuse, bounce };  // refuse: bounces only as the last of the list
struct Conduct {
  std::string_view word;
  Act verdict, postfix, exim;
  std::string_view status;  // behind its class digit
};
constexpr Conduct kConducts[] = {
    {"ok", Act::deliver, Act::deliver, Act::deliver, ".0.0"},
    {"refused", Act::move_on, Act::move_on, Act::move_on, ".4.1"},
    {"connect_reset", Act::move_on, Act::move_on, Act::move_on, ".4.2"},
    {"banner_tempfail", Act::move_on, Act::move_on, Act::move_on, ".0.0"},
    {"banner_rejected", Act::move_on, Act::move_on, Act::refuse, ".0.0"},
    {"ehlo_rejected", Act::bounce, Act::bounce, Act::refuse, ".0.0"},
    {"recipient_rejected", Act::bounce, Act::bounce, Act::bounce, ".0.0"},
    {"tls_broken", Act::deliver, Act::move_on, Act::deliver, ".7.5"},
    {"deferred_sender", Act::session, Act::session, Act::move_on, ".3.0"},
    {"deferred_recipient", Act::session, Act::session, Act::move_on, ".2.2"},
    {"missing", Act::move_on, Act::move_on, Act::move_on, ""},  // a host without address
};

struct SimAddress {
  const Conduct* conduct;
  bool is_v6;
};
struct SimHost {
  unsigned preference;
  std::vector<SimAddress> addresses;
};

class RandomWalks : public ::testing::Test {
 protected:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  void make_route() {
    hosts_.clear();
    route_ = {};
    for (unsigned tier = 0, tiers = 1 + below(4); tier < tiers; ++tier)
      for (unsigned count = 1 + below(tier == 0 ? 5 : 3); count > 0; --count) add_host(10 * (tier + 1));
  }

  // A route is rarely good: orders matter most where much is broken.
  void add_host(unsigned preference) {
    SimHost host{preference, {}};
    RouteHost made;
    for (unsigned count = below(5) == 0 ? 1 + below(3) : 1; count > 0; --count) {
      const Conduct& conduct = below(3) == 0 ? kConducts[below(std::size(kConducts))] : kConducts[1 + below(4)];
      RouteHost one = route_host(preference, std::string(conduct.word));
      const bool is_v6 = below(3) == 0;
      if (made.addresses.empty()) made.dns = one.dns;
      made.preference = one.preference;
      made.server = one.server;
      if (one.addresses.empty()) break;
      made.dns.reset();
      if (is_v6) one.addresses.front().address = *Address::parse("2001:db8::1");
      made.addresses.push_back(one.addresses.front());
      host.addresses.push_back({&conduct, is_v6});
    }
    hosts_.push_back(std::move(host));
    route_.hosts.push_back(std::move(made));
  }

  bool has_tries() const {
    return std::ranges::any_of(hosts_, [](const SimHost& host) { return !host.addresses.empty(); });
  }

  using Result = std::pair<DeliveryOutcome, std::string>;
  static Result result(DeliveryOutcome outcome, const Conduct& conduct) {
    if (outcome == DeliveryOutcome::deliver) return {outcome, "2.0.0"};
    return {outcome, (outcome == DeliveryOutcome::bounce ? "5" : "4") + std::string(conduct.status)};
  }

  struct Item {
    unsigned preference;
    const Conduct* conduct;  // null: without address
    bool is_v6;
  };

  // More than five addresses: room for both families, taken in the order of the list.
  static void balance(std::vector<Item>& list) {
    const auto v6 = std::ranges::count_if(list, &Item::is_v6);
    const auto v4 = std::ssize(list) - v6;
    if (v4 == 0 || v6 == 0 || v4 + v6 <= 5) return;
    std::ptrdiff_t v4_room = list.front().is_v6 ? 2 : 3;
    if (v6 <= 2) v4_room = 5 - v6;
    if (v6 > 2 && v4 <= 2) v4_room = v4;
    std::ptrdiff_t v6_room = 5 - v4_room;
    std::erase_if(list, [&](const Item& item) { return (item.is_v6 ? v6_room : v4_room)-- <= 0; });
  }

  // Postfix: all addresses shuffled, then sorted by preference; five addresses, two sessions.
  Result walk_postfix(Act Conduct::*act) {
    std::vector<Item> list;
    for (const SimHost& host : hosts_)
      for (const SimAddress& address : host.addresses)
        list.push_back({host.preference, address.conduct, address.is_v6});
    std::shuffle(list.begin(), list.end(), random_);
    std::ranges::stable_sort(list, {}, &Item::preference);
    balance(list);
    unsigned tries = 0, sessions = 0;
    const Conduct* last = nullptr;
    for (const auto& [preference, conduct, is_v6] : list) {
      if (tries == 5 || sessions == 2) break;
      ++tries;
      last = conduct;
      if (conduct->*act == Act::deliver) return result(DeliveryOutcome::deliver, *conduct);
      if (conduct->*act == Act::bounce) return result(DeliveryOutcome::bounce, *conduct);
      if (conduct->*act == Act::session) ++sessions;
    }
    return result(DeliveryOutcome::defer, *last);
  }

  // Hosts of a preference shuffled, then the addresses of each; IPv6 before IPv4 among equal preferences.
  std::vector<Item> exim_list() {
    std::vector<SimHost> hosts = hosts_;
    std::shuffle(hosts.begin(), hosts.end(), random_);
    std::ranges::stable_sort(hosts, {}, &SimHost::preference);
    std::vector<Item> list;
    for (SimHost& host : hosts) {
      std::shuffle(host.addresses.begin(), host.addresses.end(), random_);
      if (host.addresses.empty()) list.push_back({host.preference, nullptr, false});
      for (const SimAddress& address : host.addresses)
        list.push_back({host.preference, address.conduct, address.is_v6});
    }
    for (auto begin = list.begin(); begin != list.end();) {
      const auto end =
          std::find_if(begin, list.end(), [&](const Item& i) { return i.preference != begin->preference; });
      const auto is_v4 = [](const Item& item) { return item.conduct != nullptr && !item.is_v6; };
      if (std::any_of(begin, end, is_v4)) std::stable_partition(begin, end, [](const Item& i) { return i.is_v6; });
      begin = end;
    }
    return list;
  }

  // hosts_max_try 5, but one of each further preference.
  Result walk_exim() {
    const std::vector<Item> list = exim_list();
    Result given_up;
    int counted = 0;
    for (std::size_t i = 0; i < list.size() && counted < 5;) {
      std::size_t next = i + 1;
      const Item& item = list[i];
      if (item.conduct == nullptr) {
        i = next;
        continue;
      }
      if (++counted >= 5) {
        const auto other = std::find_if(list.begin() + static_cast<std::ptrdiff_t>(i), list.end(),
                                        [&](const Item& one) { return one.preference != item.preference; });
        if (other != list.end()) next = static_cast<std::size_t>(other - list.begin()), --counted;
      }
      const Act act = item.conduct->exim;
      if (act == Act::deliver) return result(DeliveryOutcome::deliver, *item.conduct);
      if (act == Act::bounce) return result(DeliveryOutcome::bounce, *item.conduct);
      const bool bounces = act == Act::refuse && i + 1 == list.size();
      given_up = result(bounces ? DeliveryOutcome::bounce : DeliveryOutcome::defer, *item.conduct);
      i = next;
    }
    return given_up;
  }

  static void expect_near(double counted, double seen, const std::string& what) {
    const double p = std::clamp(counted, 1.0 / kShuffles, 1 - 1.0 / kShuffles);
    EXPECT_NEAR(counted, seen, 5 * std::sqrt(p * (1 - p) / kShuffles)) << what;
  }

  template <class WalkOnce>
  void compare(const Endings& endings, WalkOnce walk_once, const std::string& what) {
    std::map<Result, double> counted, seen;
    double sum = 0;
    for (const Ending& ending : endings) counted[{ending.outcome, ending.status}] += ending.share, sum += ending.share;
    EXPECT_NEAR(sum, 1, 1e-9) << what;
    for (int i = 0; i < kShuffles; ++i) seen[walk_once()] += 1.0 / kShuffles;
    for (const auto& [key, share] : seen) counted.try_emplace(key, 0);
    for (const auto& [key, share] : counted)
      expect_near(share, seen[key], what + ": " + std::string(label(key.first)) + " " + key.second);
  }

  std::string written() const {
    std::string text;
    for (const SimHost& host : hosts_) {
      text += " [" + std::to_string(host.preference);
      for (const SimAddress& address : host.addresses)
        text += " " + std::string(address.conduct->word) + (address.is_v6 ? "/6" : "");
      text += "]";
    }
    return text;
  }

  std::mt19937_64 random_{20261122};
  std::vector<SimHost> hosts_;
  Route route_;
};

TEST_F(RandomWalks, senders_end_as_often_as_counted) {
  for (int i = 0; i < kRoutes; ++i) {
    do make_route();
    while (!has_tries());
    compare(
        postfix_endings(route_), [this] { return walk_postfix(&Conduct::postfix); }, "postfix" + written());
    compare(
        exim_endings(route_), [this] { return walk_exim(); }, "exim" + written());
  }
}

TEST_F(RandomWalks, the_deferral_probability_is_what_random_orders_show) {
  for (int i = 0; i < kRoutes; ++i) {
    do make_route();
    while (!has_tries());
    double failed = 0;
    for (int j = 0; j < kShuffles; ++j)
      if (walk_postfix(&Conduct::verdict).first != DeliveryOutcome::deliver) failed += 1.0 / kShuffles;
    expect_near(deferral_probability(route_), failed, written());
  }
}

}  // namespace
}  // namespace mxhealth::forecast
