#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "dns_fixture.hpp"
#include "net/system_resolvers.hpp"

namespace mxhealth::net {
namespace {

using namespace test;
using namespace std::chrono_literals;
using dns::test::mx_data;
using dns::test::soa_data;
using dns::test::wire_name;

const Name kName = *Name::parse("mail.example");

Replies with_mx(const Asked& asked) {
  return {asked.reply().answer(asked.name, Type::mx, 300, mx_data(10, "mx.example")).opt().octets()};
}
Script rcode(std::uint16_t value) {
  return [value](const Asked& asked) { return Replies{asked.reply(value).opt().octets()}; };
}
Replies silence(const Asked&) { return {}; }

class DnsResolver : public testing::Test {
 protected:
  ResolverSettings settings(std::vector<Peer> servers, Duration timeout = 4s) {
    ResolverSettings s;
    s.servers = std::move(servers);
    s.timeout = timeout;
    return s;
  }
  Lookup ask(Resolver& resolver, Type type = Type::mx) { return run(io, resolver.lookup(kName, type)); }
  LookupEnd end(std::vector<Peer> servers, Duration timeout = 4s) {
    Resolver resolver(io, settings(std::move(servers), timeout));
    const Lookup lookup = ask(resolver);
    EXPECT_EQ(lookup.answer->end, lookup.facts.end);
    return lookup.facts.end;
  }
  std::uint64_t failures(const Resolver& resolver, Cause cause, std::size_t server = 0) {
    const auto records = resolver.records();
    for (const auto& [which, count] : records.at(server).failures) {
      if (which == cause) return count;
    }
    ADD_FAILURE() << "no counter for " << label(cause);
    return 0;
  }

  asio::io_context io{1};
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
  EXPECT_TRUE(resolver.last_answer());
  EXPECT_FALSE(resolver.failing_since());
}

TEST_F(DnsResolver, without_ad_nothing_is_authenticated) {
  DnsServer server(io, with_mx);
  Resolver resolver(io, settings({server.peer()}));
  EXPECT_FALSE(ask(resolver).facts.authenticated);
}

TEST_F(DnsResolver, servfail_refused_closed_silent_and_malformed_are_told_apart) {
  DnsServer servfail(io, rcode(2));
  DnsServer refused(io, rcode(5));
  DnsServer notimp(io, rcode(4));
  DnsServer silent(io, silence);
  DnsServer malformed(
      io, [](const Asked& asked) { return Replies{asked.reply().answer(asked.name, Type::mx, 300, {0}).octets()}; });
  EXPECT_EQ(end({servfail.peer()}), LookupEnd::servfail);
  EXPECT_EQ(end({refused.peer()}), LookupEnd::refused);
  EXPECT_EQ(end({notimp.peer()}), LookupEnd::servfail);
  EXPECT_EQ(end({closed_port(io)}), LookupEnd::unreachable);
  EXPECT_EQ(end({silent.peer()}, 300ms), LookupEnd::timed_out);
  EXPECT_EQ(end({malformed.peer()}), LookupEnd::malformed);
  EXPECT_EQ(end({}), LookupEnd::unreachable);
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
  EXPECT_FALSE(resolver.failing_since());
  const ResolverRecord record = resolver.records().at(0);
  EXPECT_EQ(record.lookups, 2U);
  for (const auto& [cause, count] : record.failures) EXPECT_EQ(count, 0U) << label(cause);
}

TEST_F(DnsResolver, wrong_ids_and_questions_are_forgeries_until_time_is_up) {
  DnsServer server(io, [](const Asked& asked) {
    Octets forged = with_mx(asked)[0];
    forged[1] ^= 1;
    return Replies{forged, Packet(asked.id).question(wire_name("other.example"), Type::mx).octets(), Octets{}};
  });
  EXPECT_EQ(end({server.peer()}, 300ms), LookupEnd::timed_out);
}

TEST_F(DnsResolver, the_next_server_is_asked_when_one_fails_in_any_way) {
  DnsServer good(io, with_mx);
  DnsServer servfail(io, rcode(2));
  DnsServer refused(io, rcode(5));
  DnsServer silent(io, silence);
  for (const Peer& bad : {servfail.peer(), refused.peer(), silent.peer(), closed_port(io)}) {
    Resolver resolver(io, settings({bad, good.peer()}, 1s));
    EXPECT_EQ(ask(resolver).facts.end, LookupEnd::records) << to_string(bad);
    EXPECT_EQ(resolver.records()[0].lookups, 1U);
    EXPECT_EQ(resolver.records()[1].lookups, 1U);
  }
}

TEST_F(DnsResolver, nxdomain_is_not_asked_again_elsewhere) {
  DnsServer first(io, rcode(3));
  DnsServer second(io, with_mx);
  EXPECT_EQ(end({first.peer(), second.peer()}), LookupEnd::nxdomain);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(DnsResolver, the_most_telling_failure_is_reported) {
  DnsServer servfail(io, rcode(2));
  DnsServer refused(io, rcode(5));
  DnsServer silent(io, silence);
  EXPECT_EQ(end({refused.peer(), servfail.peer(), silent.peer()}, 600ms), LookupEnd::servfail);
  EXPECT_EQ(end({silent.peer(), refused.peer()}, 400ms), LookupEnd::refused);
  EXPECT_EQ(end({closed_port(io), silent.peer()}, 400ms), LookupEnd::timed_out);
}

TEST_F(DnsResolver, who_answered_last_is_asked_first) {
  DnsServer servfail(io, rcode(2));
  DnsServer good(io, with_mx);
  Resolver resolver(io, settings({servfail.peer(), good.peer()}));
  ask(resolver);
  run(io, resolver.lookup(*Name::parse("two.example"), Type::mx));
  EXPECT_EQ(servfail.asked.size(), 1U);
}

TEST_F(DnsResolver, one_lost_packet_costs_no_lookup) {
  int seen = 0;
  DnsServer server(io, [&](const Asked& asked) { return ++seen == 1 ? Replies{} : with_mx(asked); });
  EXPECT_EQ(end({server.peer()}, 600ms), LookupEnd::records);
}

TEST_F(DnsResolver, a_server_that_drops_edns_is_asked_without_it) {
  DnsServer server(io, [](const Asked& asked) { return asked.edns ? Replies{} : with_mx(asked); });
  EXPECT_EQ(end({server.peer()}, 600ms), LookupEnd::records);
}

TEST_F(DnsResolver, the_deadline_is_for_the_whole_lookup) {
  DnsServer slow_tcp(io, [](const Asked& asked) {
    return asked.tcp ? Replies{} : Replies{asked.reply(dns::test::kTruncated).octets()};
  });
  DnsServer silent(io, silence);
  Resolver resolver(io, settings({slow_tcp.peer(), silent.peer(), slow_tcp.peer()}, 600ms));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(ask(resolver).facts.end, LookupEnd::timed_out);
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_LT(took, 1500ms);
  EXPECT_GE(took, 550ms);
}

TEST_F(DnsResolver, formerr_to_edns_is_asked_again_without_and_remembered) {
  DnsServer server(io, [](const Asked& asked) {
    if (asked.edns) return Replies{asked.reply(1).octets()};
    return Replies{asked.reply().answer(asked.name, Type::mx, 300, mx_data(1, "a")).octets()};
  });
  Resolver resolver(io, settings({server.peer()}));
  EXPECT_EQ(ask(resolver).facts.end, LookupEnd::records);
  server.asked.clear();
  EXPECT_EQ(run(io, resolver.lookup(*Name::parse("two.example"), Type::mx)).facts.end, LookupEnd::records);
  ASSERT_EQ(server.asked.size(), 1U);
  EXPECT_FALSE(server.asked[0].edns);
  EXPECT_EQ(failures(resolver, Cause::dns_servfail), 0U);
}

TEST_F(DnsResolver, formerr_to_many_at_once_fails_none_of_them) {
  DnsServer old(io, [](const Asked& asked) {
    if (asked.edns) return Replies{asked.reply(1).octets()};
    return Replies{asked.reply().answer(asked.name, asked.type, 300, mx_data(1, "a")).octets()};
  });
  Resolver resolver(io, settings({old.peer()}));
  const std::vector<Type> types{Type::mx, Type::a, Type::aaaa, Type::txt, Type::srv, Type::tlsa, Type::ptr};
  std::vector<Lookup> lookups = run(io, resolver.lookup_all(kName, types));
  EXPECT_EQ(lookups[0].facts.end, LookupEnd::records);
  for (const Lookup& lookup : lookups) EXPECT_NE(lookup.facts.end, LookupEnd::servfail);
}

TEST_F(DnsResolver, formerr_with_opt_is_a_failure) {
  DnsServer server(io, rcode(1));
  EXPECT_EQ(end({server.peer()}), LookupEnd::servfail);
  EXPECT_EQ(server.asked.size(), 1U);
}

TEST_F(DnsResolver, truncated_answers_come_over_tcp) {
  DnsServer server(io, [](const Asked& asked) {
    return asked.tcp ? with_mx(asked) : Replies{asked.reply(dns::test::kTruncated).octets()};
  });
  EXPECT_EQ(end({server.peer()}), LookupEnd::records);
  ASSERT_EQ(server.asked.size(), 2U);
  EXPECT_TRUE(server.asked[1].tcp);
  EXPECT_TRUE(server.asked[1].edns);
}

TEST_F(DnsResolver, truncated_with_tcp_closed_or_truncated_again_is_a_failure) {
  const Script always = [](const Asked& asked) { return Replies{asked.reply(dns::test::kTruncated).octets()}; };
  DnsServer closed(io, always, DnsServer::Tcp::closed);
  EXPECT_EQ(end({closed.peer()}), LookupEnd::unreachable);
  DnsServer again(io, always);
  EXPECT_EQ(end({again.peer()}), LookupEnd::malformed);
}

TEST_F(DnsResolver, a_server_that_closes_behind_each_tcp_answer_harms_no_other_question) {
  DnsServer server(io, [](const Asked& asked) {
    return asked.tcp || asked.type == Type::mx ? with_mx(asked) : Replies{asked.reply(dns::test::kTruncated).octets()};
  });
  Resolver resolver(io, settings({server.peer()}));
  run(io, resolver.lookup_all(kName, {Type::txt, Type::mx, Type::a, Type::srv, Type::mx, Type::tlsa, Type::ptr}));
  const auto record = resolver.records()[0];
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
  EXPECT_EQ(server.asked.size(), 3U);
  EXPECT_EQ(resolver.records()[0].lookups, 3U);
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

TEST_F(DnsResolver, aliases_left_unfinished_are_asked_for_up_to_ten) {
  // h0 -> h1 -> ... one alias per answer, as a server that is no resolver gives them; the last has the records.
  const auto chain = [](std::size_t hops) {
    return [hops](const Asked& asked) {
      const std::size_t at = asked.name == kName.view() ? 0 : std::stoul(asked.name.substr(1));
      if (at == hops) return with_mx(asked);
      const auto target = wire_name("h" + std::to_string(at + 1) + ".example");
      return Replies{asked.reply().answer(asked.name, Type::cname, 60, target).opt().octets()};
    };
  };
  for (const std::size_t hops : {1U, 10U}) {
    DnsServer server(io, chain(hops));
    Resolver resolver(io, settings({server.peer()}));
    const Lookup lookup = ask(resolver);
    EXPECT_EQ(lookup.facts.end, LookupEnd::records) << hops;
    EXPECT_EQ(lookup.facts.cname_hops, hops);
    EXPECT_EQ(lookup.facts.ttl, 60s);
  }
  DnsServer eleven(io, chain(11));
  EXPECT_EQ(end({eleven.peer()}), LookupEnd::malformed);
  DnsServer loop(io, [](const Asked& asked) {
    return Replies{asked.reply().answer(asked.name, Type::cname, 60, wire_name("mail.example")).octets()};
  });
  EXPECT_EQ(end({loop.peer()}), LookupEnd::malformed);
}

TEST_F(DnsResolver, failures_are_counted_per_resolver) {
  DnsServer servfail(io, rcode(2));
  DnsServer silent(io, silence);
  Resolver resolver(io, settings({servfail.peer(), silent.peer(), closed_port(io)}, 600ms));
  ask(resolver);
  EXPECT_EQ(failures(resolver, Cause::dns_servfail, 0), 1U);
  EXPECT_EQ(failures(resolver, Cause::dns_timeout, 1), 2U);
  EXPECT_EQ(failures(resolver, Cause::resolver_unreachable, 2), 2U);
  const auto records = resolver.records();
  EXPECT_EQ(records[0].resolver, to_string(servfail.peer()));
  std::uint64_t observed = 0;
  for (const auto bucket : records[0].duration.counts) observed += bucket;
  EXPECT_EQ(observed, 1U);
}

TEST_F(DnsResolver, failing_since_is_the_first_failure_after_the_last_answer) {
  bool broken = true;
  DnsServer server(io, [&](const Asked& asked) { return broken ? rcode(5)(asked) : with_mx(asked); });
  Resolver resolver(io, settings({server.peer()}));
  ask(resolver);
  const auto since = resolver.failing_since();
  ASSERT_TRUE(since);
  EXPECT_FALSE(resolver.last_answer());
  ask(resolver);
  EXPECT_EQ(resolver.failing_since(), since);
  broken = false;
  ask(resolver);
  EXPECT_FALSE(resolver.failing_since());
  EXPECT_TRUE(resolver.last_answer());
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
  EXPECT_FALSE(resolver.failing_since());
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

TEST(SystemResolvers, are_the_nameserver_lines_of_resolv_conf) {
  const std::string path = testing::TempDir() + "mxhealth_resolv.conf";
  std::ofstream(path) << "# comment\nsearch example.net\nnameserver 192.0.2.53\n nameserver\t2001:db8::53 \n"
                         "nameserver fe80::1%eth0\nnameserver nonsense\nnameserver 192.0.2.53\noptions edns0\n"
                         "nameserver 127.0.0.53";
  std::vector<std::string> found;
  for (const Peer& peer : system_resolvers(path)) found.push_back(to_string(peer));
  EXPECT_EQ(found, (std::vector<std::string>{"192.0.2.53:53", "[2001:db8::53]:53", "127.0.0.53:53"}));
  std::ofstream many(path);
  for (std::size_t i = 0; i <= kMaxSystemResolvers; ++i) many << "nameserver 192.0.2." << i << "\n";
  many.close();
  EXPECT_EQ(system_resolvers(path).size(), kMaxSystemResolvers);
  std::remove(path.c_str());
  EXPECT_TRUE(system_resolvers(path).empty());
}

}  // namespace
}  // namespace mxhealth::net
