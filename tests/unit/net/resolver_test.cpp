#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <map>
#include <set>

#include "resolver_fixture.hpp"

namespace mxhealth::net {
namespace {

using namespace test;

class DnsResolver : public ResolverTest {
 protected:
  /// Until so many questions have come, and what their answers bring about is done.
  void run_until_asked(const DnsServer& server, std::size_t questions) {
    io.restart();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (server.asked.size() < questions && io.run_one_until(end) > 0) {
    }
    ASSERT_EQ(server.asked.size(), questions);
    run(io, settle());
  }
  static awaitable<bool> settle() {
    for (int turn = 0; turn < 1000; ++turn) co_await asio::post(use_awaitable);
    co_return true;
  }

  const Mono kNow = std::chrono::steady_clock::now();
};

TEST_F(DnsResolver, gives_records_with_ttl_and_ad) {
  DnsServer server(io, [](const Asked& asked) {
    return Replies{
        asked.reply(dns::test::kAuthentic).answer(asked.name, Type::mx, 300, mx_data(7, "a")).opt().octets()};
  });
  Resolver resolver(io, settings({server.peer()}));
  const Lookup lookup = ask(resolver);
  EXPECT_EQ(lookup.facts.end, LookupEnd::records);
  EXPECT_TRUE(lookup.facts.authenticated);
  EXPECT_EQ(lookup.facts.ttl, 300s);
  EXPECT_GT(lookup.facts.duration, Duration::zero());
  ASSERT_EQ(lookup.answer->records.size(), 1U);
  EXPECT_EQ(std::get<dns::MxData>(lookup.answer->records[0].data).preference, 7);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
}

TEST_F(DnsResolver, without_ad_nothing_is_authenticated) {
  DnsServer server(io, with_mx);
  Resolver resolver(io, settings({server.peer()}));
  EXPECT_FALSE(ask(resolver).facts.authenticated);
}

TEST_F(DnsResolver, nxdomain_and_nodata_are_answers) {
  DnsServer server(io, [](const Asked& asked) {
    const std::uint16_t code = asked.type == Type::mx ? 3 : 0;
    return Replies{asked.reply(code).authority("example", Type::soa, 900, soa_data("ns.example", 120)).octets()};
  });
  Resolver resolver(io, settings({server.peer()}));
  const Lookup nxdomain = ask(resolver);
  EXPECT_EQ(nxdomain.facts.end, LookupEnd::nxdomain);
  EXPECT_EQ(nxdomain.facts.ttl, 120s);
  EXPECT_EQ(ask(resolver, Type::a).facts.end, LookupEnd::no_data);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
  const ResolverRecord record = resolver.records().at(0);
  EXPECT_EQ(record.lookups, 2U);
  for (const auto& [cause, count] : record.failures) EXPECT_EQ(count, 0U) << label(cause);
}

TEST_F(DnsResolver, answers_are_cached_by_ttl_and_failures_are_not) {
  DnsServer server(io, [](const Asked& asked) { return asked.type == Type::mx ? with_mx(asked) : rcode(2)(asked); });
  Resolver resolver(io, settings({server.peer()}));
  ask(resolver);
  const Lookup again = ask(resolver);
  EXPECT_EQ(server.asked.size(), 1U);
  EXPECT_EQ(again.facts.duration, Duration::zero());
  EXPECT_LE(again.facts.ttl, 300s);
  EXPECT_GT(again.facts.ttl, 290s);
  ask(resolver, Type::a);
  ask(resolver, Type::a);
  EXPECT_EQ(server.asked.size(), 5U);  // what fails is asked without validation, too
  EXPECT_EQ(resolver.records()[0].lookups, 5U);
}

TEST_F(DnsResolver, identical_questions_under_way_are_asked_once) {
  DnsServer server(io, with_mx);
  Resolver resolver(io, settings({server.peer()}));
  const std::vector<Type> types(20, Type::mx);
  const auto lookups = run(io, resolver.lookup_all(kName, types));
  ASSERT_EQ(lookups.size(), 20U);
  for (const Lookup& lookup : lookups) EXPECT_EQ(lookup.facts.end, LookupEnd::records);
  EXPECT_EQ(server.asked.size(), 1U);
}

// Every case below fails one lookup first: before that, health is not in question and nothing is asked for it.
TEST_F(DnsResolver, a_failing_name_is_no_failing_resolver) {
  DnsServer server(io, [](const Asked& asked) { return asked.type == Type::mx ? with_mx(asked) : rcode(2)(asked); });
  Resolver resolver(io, settings({server.peer()}));
  ask(resolver);
  ask(resolver, Type::txt);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
  run_until_asked(server, 5);
  const auto asked = [&](const Question& question) {
    return std::ranges::count_if(server.asked, [&](const Asked& one) {
      return one.type == question.type && one.name.ends_with(question.name.view());
    });
  };
  EXPECT_EQ(asked({kName, Type::mx}), 2) << "the last question that was answered, past the cache";
  EXPECT_GE(asked({*Name::parse("example"), Type::a}), 1) << "a name that does not exist above it";
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
  EXPECT_EQ(asked({kName, Type::mx}), 2) << "no more often than kControlEvery";
}

TEST_F(DnsResolver, a_broken_zone_is_no_failing_resolver_though_all_that_was_ever_answered_is_in_it) {
  bool broken = false;
  DnsServer server(io, [&](const Asked& asked) {
    if (!asked.name.ends_with("mail.example")) return rcode(3)(asked);
    return broken ? rcode(2)(asked) : with_mx(asked);
  });
  Resolver resolver(io, settings({server.peer()}));
  ask(resolver);
  broken = true;
  ask(resolver, Type::txt);
  resolver.health(kNow, 1h);
  run_until_asked(server, 5);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
  EXPECT_EQ(resolver.health(kNow + 2h, 1h), ResolverHealth::well);
}

TEST_F(DnsResolver, one_that_never_answered_is_down_when_the_root_fails_too) {
  DnsServer server(io, rcode(5));
  Resolver resolver(io, settings({server.peer()}));
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
  ask(resolver);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::unsure);
  run_until_asked(server, 2);
  EXPECT_EQ(server.asked.back().type, Type::ns);
  EXPECT_TRUE(server.asked.back().name.empty());
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::down);
}

TEST_F(DnsResolver, one_that_used_to_answer_is_down_only_after_a_while) {
  bool broken = false;
  DnsServer server(io, [&](const Asked& asked) { return broken ? rcode(5)(asked) : with_mx(asked); });
  Resolver resolver(io, settings({server.peer()}));
  ask(resolver);
  broken = true;
  ask(resolver, Type::txt);
  resolver.health(kNow, 1h);
  run_until_asked(server, 3);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::unsure);
  EXPECT_EQ(resolver.health(kNow + 2h, 1h), ResolverHealth::down);
  broken = false;
  ask(resolver, Type::txt);
  EXPECT_EQ(resolver.health(kNow + 2h, 1h), ResolverHealth::well);
}

awaitable<bool> ask_many(Resolver* resolver, int from, int count, std::map<LookupEnd, int>* ends) {
  for (int i = from; i < from + count; ++i) {
    Name name = *Name::parse("d" + std::to_string(i) + ".example");
    Lookup lookup = co_await resolver->lookup(std::move(name), Type::mx);
    ++(*ends)[lookup.facts.end];
  }
  co_return true;
}

TEST_F(DnsResolver, thousands_in_flight_all_end_and_use_many_ports) {
  constexpr int kLookups = 3000;
  DnsServer server(io, with_mx);
  ResolverSettings s = settings({server.peer()}, 15s);
  s.outstanding = 1000;
  Resolver resolver(io, s);
  std::map<LookupEnd, int> ends;
  int left = kLookups;
  for (int i = 0; i < kLookups; ++i) {
    asio::co_spawn(io, ask_many(&resolver, i, 1, &ends), [&](std::exception_ptr, bool) { --left; });
  }
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (left > 0 && io.run_one_until(limit) > 0) {
  }
  EXPECT_EQ(ends[LookupEnd::records], kLookups);
  std::set<std::uint16_t> ports;
  for (const Asked& asked : server.asked) ports.insert(asked.port);
  EXPECT_GE(ports.size(), static_cast<std::size_t>(kLookups) / 100);
}

TEST_F(DnsResolver, outstanding_lookups_are_bounded) {
  std::size_t most = 0;
  DnsServer server(io, silence);
  ResolverSettings s = settings({server.peer()}, 200ms);
  s.outstanding = 5;
  Resolver resolver(io, s);
  std::map<LookupEnd, int> ends;
  int left = 20;
  for (int i = 0; i < 20; ++i) {
    asio::co_spawn(io, ask_many(&resolver, i, 1, &ends), [&](std::exception_ptr, bool) { --left; });
  }
  while (server.asked.empty() && io.run_one() > 0) {
  }
  for (int polls = 0; polls < 100; ++polls) io.poll();
  std::set<std::string> names;
  for (const Asked& asked : server.asked) names.insert(asked.name);
  most = names.size();
  EXPECT_LE(most, 5U);
  while (left > 0 && io.run_one() > 0) {
  }
  EXPECT_EQ(ends[LookupEnd::timed_out], 20);
}

TEST_F(DnsResolver, destruction_and_stop_cancel_what_is_under_way) {
  DnsServer server(io, silence);
  std::map<LookupEnd, int> ends;
  int left = 12;
  {
    ResolverSettings s = settings({server.peer()}, 15s);
    s.outstanding = 5;  // the others are queued
    Resolver resolver(io, s);
    for (int i = 0; i < 12; ++i) {
      asio::co_spawn(io, ask_many(&resolver, i, 1, &ends), [&](std::exception_ptr, bool) { --left; });
    }
    while (server.asked.size() < 5 && io.run_one() > 0) {
    }
  }
  while (left > 0 && io.run_one() > 0) {
  }
  EXPECT_EQ(ends[LookupEnd::cancelled], 12);
}

TEST_F(DnsResolver, after_stop_everything_is_cancelled_and_nothing_counted) {
  DnsServer server(io, with_mx);
  Resolver resolver(io, settings({server.peer()}));
  resolver.stop();
  EXPECT_EQ(ask(resolver).facts.end, LookupEnd::cancelled);
  EXPECT_EQ(resolver.records()[0].lookups, 0U);
  EXPECT_EQ(resolver.health(kNow, 1h), ResolverHealth::well);
  EXPECT_TRUE(server.asked.empty());
}

TEST(DnsLifetime, a_loop_that_ends_with_lookups_under_way_leaks_nothing) {
  asio::io_context io(1);
  DnsServer server(io, silence);
  ResolverSettings settings;
  settings.servers = {server.peer()};
  std::map<LookupEnd, int> ends;
  Resolver resolver(io, settings);
  asio::co_spawn(io, ask_many(&resolver, 0, 1, &ends), [](std::exception_ptr, bool) {});
  while (server.asked.empty() && io.run_one() > 0) {
  }
  EXPECT_TRUE(ends.empty());
}

}  // namespace
}  // namespace mxhealth::net
