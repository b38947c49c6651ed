// What the resolver's control questions find out: that it is down, and that it makes up addresses.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "resolver_fixture.hpp"

namespace mxhealth::net {
namespace {

using namespace test;

const Name kControl = *Name::parse("control.example");

Octets v4_data(const std::string& text) {
  const Address address = *Address::parse(text);
  return Octets(address.bytes().begin(), address.bytes().end());
}

class ResolverControl : public ResolverTest {
 protected:
  ResolverSettings with_control(std::vector<Peer> servers, Duration every = 1h) {
    ResolverSettings s = settings(std::move(servers), 1s);
    s.control = kControl;
    s.control_every = every;
    s.cache.min_ttl = 0s;
    return s;
  }

  static bool is_below_control(const Asked& asked) { return asked.name.ends_with(".control.example"); }

  /// NXDOMAIN below the control name and for gone.example; an address for the others. `forged`: what comes instead of
  /// NXDOMAIN.
  Replies answer(const Asked& asked) const {
    const bool missing = is_below_control(asked) || asked.name == "gone.example";
    if (broken) return rcode(2)(asked);
    if (!missing && asked.type == Type::mx) return with_mx(asked);
    if (asked.type != Type::a) return rcode(missing && forged.empty() ? 3 : 0)(asked);
    if (missing && forged.empty()) return rcode(3)(asked);
    const std::string address = missing ? forged : "192.0.2.1";
    return {asked.reply().answer(asked.name, Type::a, 300, v4_data(address)).opt().octets()};
  }
  Script script() {
    return [this](const Asked& asked) { return answer(asked); };
  }

  Lookup ask_a(Resolver& resolver, const std::string& name) {
    return run(io, resolver.lookup(*Name::parse(name), Type::a));
  }
  template <class Condition>
  void run_until(Condition condition) {
    io.restart();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && io.run_one_until(end) > 0) {
    }
    ASSERT_TRUE(condition());
  }
  static Mono now() { return std::chrono::steady_clock::now(); }

  std::string forged;
  bool broken = false;
};

TEST_F(ResolverControl, without_a_control_name_nothing_is_asked_and_nothing_known) {
  DnsServer server(io, script());
  Resolver resolver(io, settings({server.peer()}));
  ask_a(resolver, "here.example");
  EXPECT_EQ(server.asked.size(), 1U);
  EXPECT_EQ(resolver.rewrites(), std::nullopt);
}

TEST_F(ResolverControl, the_first_round_comes_before_everything_else) {
  DnsServer server(io, script());
  Resolver resolver(io, with_control({server.peer()}));
  EXPECT_EQ(ask_a(resolver, "here.example").facts.end, LookupEnd::records);
  ASSERT_EQ(server.asked.size(), 4U);
  EXPECT_EQ(server.asked[3].name, "here.example");
  std::set<std::string> labels;
  for (const Asked& asked : server.asked)
    if (is_below_control(asked)) labels.insert(asked.name.substr(0, asked.name.find('.')));
  ASSERT_EQ(labels.size(), 1U);
  EXPECT_EQ(labels.begin()->size(), 16U);
  EXPECT_EQ(resolver.rewrites(), false);
}

TEST_F(ResolverControl, each_round_asks_for_another_name) {
  DnsServer server(io, script());
  Resolver resolver(io, with_control({server.peer()}, 20ms));
  std::set<std::string> names;
  run_until([&] {
    for (const Asked& asked : server.asked)
      if (is_below_control(asked)) names.insert(asked.name);
    return names.size() >= 3;
  });
  EXPECT_EQ(resolver.rewrites(), false);
}

TEST_F(ResolverControl, made_up_addresses_are_not_believed) {
  forged = "198.51.100.7";
  DnsServer server(io, script());
  Resolver resolver(io, with_control({server.peer()}));
  const Lookup gone = ask_a(resolver, "gone.example");
  EXPECT_EQ(gone.facts.end, LookupEnd::rewritten);
  EXPECT_EQ(resolver.rewrites(), true);
  EXPECT_EQ(ask_a(resolver, "here.example").facts.end, LookupEnd::records);
  EXPECT_EQ(resolver.health(now(), 1h), ResolverHealth::well);
}

TEST_F(ResolverControl, what_was_believed_is_forgotten_when_rewriting_is_found_and_all_is_well_when_it_ends) {
  DnsServer server(io, script());
  Resolver resolver(io, with_control({server.peer()}, 200ms));
  EXPECT_EQ(ask_a(resolver, "gone.example").facts.end, LookupEnd::nxdomain);
  forged = "198.51.100.7";
  EXPECT_EQ(ask_a(resolver, "gone.example").facts.end, LookupEnd::records) << "nobody can know yet";
  run_until([&] { return resolver.rewrites() == true; });
  EXPECT_EQ(ask_a(resolver, "gone.example").facts.end, LookupEnd::rewritten) << "not from the cache";
  forged.clear();
  run_until([&] { return resolver.rewrites() == false; });
  EXPECT_EQ(ask_a(resolver, "gone.example").facts.end, LookupEnd::nxdomain);
}

TEST_F(ResolverControl, the_second_of_two_resolvers_is_found_before_it_is_needed) {
  DnsServer honest(io, [](const Asked& asked) { return rcode(3)(asked); });
  forged = "198.51.100.7";
  DnsServer liar(io, script());
  Resolver resolver(io, with_control({honest.peer(), liar.peer()}));
  run_until([&] { return resolver.rewrites().has_value(); });
  EXPECT_EQ(resolver.rewrites(), true);
}

TEST_F(ResolverControl, down_is_told_by_what_no_cache_can_know) {
  DnsServer server(io, [this](const Asked& asked) {
    const bool remembered = asked.name == kControl.view();
    return broken && !remembered ? rcode(2)(asked) : answer(asked);
  });
  Resolver resolver(io, with_control({server.peer()}));
  ask_a(resolver, "here.example");
  broken = true;
  EXPECT_EQ(ask_a(resolver, "other.example").facts.end, LookupEnd::servfail);
  run_until([&] { return resolver.health(now(), 1h) == ResolverHealth::unsure; });
  EXPECT_EQ(resolver.health(now() + 2h, 1h), ResolverHealth::down);
  broken = false;
  ask_a(resolver, "other.example");
  EXPECT_EQ(resolver.health(now(), 1h), ResolverHealth::unsure) << "it settles";
  EXPECT_EQ(resolver.health(now() + 1min, 1h), ResolverHealth::well);
}

TEST_F(ResolverControl, a_broken_resolver_holds_nothing_back_for_long_and_control_questions_pass_the_queue) {
  DnsServer server(io, silence);
  ResolverSettings s = with_control({server.peer()});
  s.timeout = 200ms;
  s.outstanding = 1;
  Resolver resolver(io, s);
  const auto begun = now();
  const std::vector<Type> types{Type::a, Type::aaaa, Type::mx};  // two of them wait for the first
  for (const Lookup& lookup : run(io, resolver.lookup_all(kName, types)))
    EXPECT_EQ(lookup.facts.end, LookupEnd::timed_out);
  EXPECT_LT(now() - begun, 3s);
  EXPECT_EQ(resolver.health(now(), 1h), ResolverHealth::down);
  EXPECT_EQ(resolver.rewrites(), std::nullopt);
}

TEST_F(ResolverControl, stopping_ends_a_round_under_way) {
  DnsServer server(io, silence);
  Resolver resolver(io, with_control({server.peer()}));
  run_until([&] { return !server.asked.empty(); });
  resolver.stop();
  EXPECT_EQ(ask_a(resolver, "here.example").facts.end, LookupEnd::cancelled);
}

}  // namespace
}  // namespace mxhealth::net
