#include "net/failover.hpp"

#include <gtest/gtest.h>

#include "resolver_fixture.hpp"

namespace mxhealth::net {
namespace {

using namespace test;

class DnsFailover : public ResolverTest {};

TEST_F(DnsFailover, servfail_refused_closed_silent_and_malformed_are_told_apart) {
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

TEST_F(DnsFailover, wrong_ids_and_questions_are_forgeries_until_time_is_up) {
  DnsServer server(io, [](const Asked& asked) {
    Octets forged = with_mx(asked)[0];
    forged[1] ^= 1;
    return Replies{forged, Packet(asked.id).question(wire_name("other.example"), Type::mx).octets(), Octets{}};
  });
  EXPECT_EQ(end({server.peer()}, 300ms), LookupEnd::timed_out);
}

TEST_F(DnsFailover, the_next_server_is_asked_when_one_fails_in_any_way) {
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

TEST_F(DnsFailover, nxdomain_is_not_asked_again_elsewhere) {
  DnsServer first(io, rcode(3));
  DnsServer second(io, with_mx);
  EXPECT_EQ(end({first.peer(), second.peer()}), LookupEnd::nxdomain);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(DnsFailover, the_most_telling_failure_is_reported) {
  DnsServer servfail(io, rcode(2));
  DnsServer refused(io, rcode(5));
  DnsServer silent(io, silence);
  EXPECT_EQ(end({refused.peer(), servfail.peer(), silent.peer()}, 600ms), LookupEnd::servfail);
  EXPECT_EQ(end({silent.peer(), refused.peer()}, 400ms), LookupEnd::refused);
  EXPECT_EQ(end({closed_port(io), silent.peer()}, 400ms), LookupEnd::timed_out);
}

TEST_F(DnsFailover, who_answered_last_is_asked_first) {
  DnsServer servfail(io, rcode(2));
  DnsServer good(io, with_mx);
  Resolver resolver(io, settings({servfail.peer(), good.peer()}));
  ask(resolver);
  run(io, resolver.lookup(*Name::parse("two.example"), Type::mx));
  EXPECT_EQ(servfail.asked.size(), 1U);
}

TEST_F(DnsFailover, one_lost_packet_costs_no_lookup) {
  int seen = 0;
  DnsServer server(io, [&](const Asked& asked) { return ++seen == 1 ? Replies{} : with_mx(asked); });
  EXPECT_EQ(end({server.peer()}, 600ms), LookupEnd::records);
}

TEST_F(DnsFailover, one_lost_packet_does_not_make_a_broken_signature_a_servfail) {
  int unvalidated = 0;
  DnsServer server(io, [&](const Asked& asked) {
    if (!asked.checking_disabled) return rcode(2)(asked);
    return ++unvalidated == 1 ? Replies{} : with_mx(asked);
  });
  EXPECT_EQ(end({server.peer()}, 600ms), LookupEnd::bogus);
}

TEST_F(DnsFailover, a_server_that_drops_edns_is_asked_without_it) {
  DnsServer server(io, [](const Asked& asked) { return asked.edns ? Replies{} : with_mx(asked); });
  EXPECT_EQ(end({server.peer()}, 600ms), LookupEnd::records);
}

TEST_F(DnsFailover, the_deadline_is_for_the_whole_lookup) {
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

TEST_F(DnsFailover, formerr_to_edns_is_asked_again_without_and_remembered) {
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

TEST_F(DnsFailover, formerr_to_many_at_once_fails_none_of_them) {
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

TEST_F(DnsFailover, formerr_is_a_failure_once_edns_is_left_out) {
  DnsServer server(io, rcode(1));  // an OPT in the reply, so c-ares passes it on
  EXPECT_EQ(end({server.peer()}), LookupEnd::servfail);
  ASSERT_EQ(server.asked.size(), 4U);  // both ways, then both without validation
  EXPECT_FALSE(server.asked[1].edns);
  EXPECT_FALSE(server.asked[1].checking_disabled);
}

TEST_F(DnsFailover, truncated_answers_come_over_tcp) {
  DnsServer server(io, [](const Asked& asked) {
    return asked.tcp ? with_mx(asked) : Replies{asked.reply(dns::test::kTruncated).octets()};
  });
  EXPECT_EQ(end({server.peer()}), LookupEnd::records);
  ASSERT_EQ(server.asked.size(), 2U);
  EXPECT_TRUE(server.asked[1].tcp);
  EXPECT_TRUE(server.asked[1].edns);
}

TEST_F(DnsFailover, truncated_with_tcp_closed_or_truncated_again_is_a_failure) {
  const Script always = [](const Asked& asked) { return Replies{asked.reply(dns::test::kTruncated).octets()}; };
  DnsServer closed(io, always, DnsServer::Tcp::closed);
  EXPECT_EQ(end({closed.peer()}), LookupEnd::unreachable);
  DnsServer again(io, always);
  EXPECT_EQ(end({again.peer()}), LookupEnd::malformed);
}

TEST_F(DnsFailover, a_server_that_closes_behind_each_tcp_answer_harms_no_other_question) {
  DnsServer server(io, [](const Asked& asked) {
    return asked.tcp || asked.type == Type::mx ? with_mx(asked) : Replies{asked.reply(dns::test::kTruncated).octets()};
  });
  Resolver resolver(io, settings({server.peer()}));
  run(io, resolver.lookup_all(kName, {Type::txt, Type::mx, Type::a, Type::srv, Type::mx, Type::tlsa, Type::ptr}));
  const auto record = resolver.records()[0];
  for (const auto& [cause, count] : record.failures) EXPECT_EQ(count, 0U) << label(cause);
}

TEST_F(DnsFailover, aliases_left_unfinished_are_asked_for_up_to_ten) {
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

// A validating resolver before a zone whose signatures are broken.
Replies bogus(const Asked& asked) { return asked.checking_disabled ? with_mx(asked) : rcode(2)(asked); }

TEST_F(DnsFailover, servfail_that_passes_without_validation_is_bogus) {
  DnsServer server(io, bogus);
  Resolver resolver(io, settings({server.peer()}));
  const Lookup lookup = ask(resolver);
  EXPECT_EQ(lookup.facts.end, LookupEnd::bogus);
  EXPECT_TRUE(lookup.answer->records.empty()) << "what failed validation is not to be used";
  ASSERT_EQ(server.asked.size(), 2U);
  EXPECT_FALSE(server.asked[0].checking_disabled);
  EXPECT_EQ(failures(resolver, Cause::dns_servfail), 1U) << "the second question is no second failure";
  EXPECT_EQ(resolver.health(std::chrono::steady_clock::now(), 1h), ResolverHealth::well);
  ask(resolver);
  EXPECT_EQ(server.asked.size(), 4U) << "a failure is not cached";
}

TEST_F(DnsFailover, nxdomain_without_validation_is_bogus_too) {
  DnsServer server(io, [](const Asked& asked) { return rcode(asked.checking_disabled ? 3 : 2)(asked); });
  EXPECT_EQ(end({server.peer()}), LookupEnd::bogus);
}

TEST_F(DnsFailover, a_servfail_that_stays_is_asked_for_without_validation_once) {
  DnsServer first(io, rcode(2));
  DnsServer second(io, rcode(2));
  Resolver resolver(io, settings({first.peer(), second.peer()}));
  EXPECT_EQ(ask(resolver).facts.end, LookupEnd::servfail);
  EXPECT_EQ(first.asked.size(), 2U);
  EXPECT_TRUE(first.asked.back().checking_disabled);
  EXPECT_EQ(second.asked.size(), 1U);
  EXPECT_EQ(failures(resolver, Cause::dns_servfail, 0), 1U);
  EXPECT_EQ(failures(resolver, Cause::dns_servfail, 1), 1U);
}

TEST_F(DnsFailover, bogus_answers_may_be_truncated_and_the_question_has_no_more_time_than_others) {
  DnsServer truncated(io, [](const Asked& asked) {
    if (!asked.checking_disabled) return rcode(2)(asked);
    return asked.tcp ? with_mx(asked) : Replies{asked.reply(dns::test::kTruncated).octets()};
  });
  EXPECT_EQ(end({truncated.peer()}), LookupEnd::bogus);
  DnsServer silent(io, [](const Asked& asked) { return asked.checking_disabled ? Replies{} : rcode(2)(asked); });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(end({silent.peer()}, 600ms), LookupEnd::servfail);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
}

TEST_F(DnsFailover, only_who_said_servfail_is_asked_without_validation) {
  DnsServer refused(io, rcode(5));
  DnsServer broken(io, bogus);
  EXPECT_EQ(end({refused.peer(), broken.peer()}), LookupEnd::bogus);
  EXPECT_EQ(refused.asked.size(), 1U);
  DnsServer alone(io, rcode(5));
  EXPECT_EQ(end({alone.peer()}), LookupEnd::refused);
  EXPECT_EQ(alone.asked.size(), 1U);
}

TEST_F(DnsFailover, failures_are_counted_per_resolver) {
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
  EXPECT_EQ(observed, 2U);  // with validation and without
}

}  // namespace
}  // namespace mxhealth::net
