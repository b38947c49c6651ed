#include "probes/mx.hpp"

#include <gtest/gtest.h>

#include "net/dns_fixture.hpp"
#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

using namespace net::test;
using dns::test::mx_data;
using dns::test::soa_data;

const DomainName kDomain = *Name::parse("mail.example");

class MxProbe : public testing::Test {
 protected:
  MxFacts look_up(Script script) {
    DnsServer server(io, std::move(script));
    net::ResolverSettings settings;
    settings.servers = {server.peer()};
    net::Resolver resolver(io, settings);
    return run(io, look_up_mx(resolver, kDomain));
  }
  /// What a domain with these targets, all at preference 10, looks like.
  MxFacts with_targets(std::vector<std::string> targets) {
    return look_up([&](const Asked& asked) {
      Packet reply = asked.reply();
      for (const auto& target : targets) reply.answer(asked.name, Type::mx, 300, mx_data(10, target));
      return Replies{reply.octets()};
    });
  }
  static std::vector<std::string> names(const MxFacts& facts) {
    std::vector<std::string> all;
    for (const MxHost& host : facts.hosts) all.push_back(std::to_string(host.preference) + " " + host.name.str());
    return all;
  }
  using Names = std::vector<std::string>;

  asio::io_context io{1};
};

TEST_F(MxProbe, hosts_are_sorted_by_preference_then_name_and_unique) {
  const MxFacts facts = look_up([](const Asked& asked) {
    Packet reply = asked.reply(dns::test::kAuthentic);
    reply.answer(asked.name, Type::mx, 300, mx_data(20, "a.example"));
    reply.answer(asked.name, Type::mx, 300, mx_data(10, "C.example"));
    reply.answer(asked.name, Type::mx, 300, mx_data(10, "b.example"));
    reply.answer(asked.name, Type::mx, 300, mx_data(10, "c.example"));
    return Replies{reply.octets()};
  });
  EXPECT_EQ(names(facts), (Names{"10 b.example", "10 c.example", "20 a.example"}));
  EXPECT_EQ(facts.lookup.end, LookupEnd::records);
  EXPECT_TRUE(facts.lookup.authenticated);
  EXPECT_FALSE(facts.null_mx);
  EXPECT_FALSE(facts.implicit);
}

TEST_F(MxProbe, without_mx_the_domain_itself_is_the_host) {
  const MxFacts facts = look_up([](const Asked& asked) {
    return Replies{asked.reply().authority("example", Type::soa, 900, soa_data("ns.example", 60)).octets()};
  });
  EXPECT_TRUE(facts.implicit);
  EXPECT_EQ(facts.lookup.end, LookupEnd::no_data);
  EXPECT_EQ(names(facts), Names{"0 mail.example"});
}

TEST_F(MxProbe, nxdomain_and_failures_have_no_hosts) {
  for (const auto& [rcode, end] : {std::pair{3, LookupEnd::nxdomain}, {2, LookupEnd::servfail}}) {
    const auto code = static_cast<std::uint16_t>(rcode);
    const MxFacts facts = look_up([code](const Asked& asked) { return Replies{asked.reply(code).octets()}; });
    EXPECT_EQ(facts.lookup.end, end);
    EXPECT_TRUE(facts.hosts.empty());
    EXPECT_FALSE(facts.implicit);
  }
}

TEST_F(MxProbe, null_mx_is_seen_alone_and_beside_others) {
  const MxFacts alone = with_targets({"."});
  EXPECT_TRUE(alone.null_mx);
  EXPECT_TRUE(alone.hosts.empty());
  EXPECT_EQ(alone.unusable_targets, 0U);
  const MxFacts mixed = with_targets({"mx.example", "."});
  EXPECT_TRUE(mixed.null_mx);
  EXPECT_EQ(names(mixed), Names{"10 mx.example"});
}

TEST_F(MxProbe, addresses_written_as_names_are_literals) {
  const MxFacts facts = with_targets({"192.0.2.7", "mx.example", "192.0.2.7"});
  ASSERT_EQ(facts.literals.size(), 1U);
  EXPECT_EQ(facts.literals[0].to_string(), "192.0.2.7");
  EXPECT_EQ(names(facts), (Names{"10 192.0.2.7", "10 mx.example"})) << "among the hosts, too";
  const MxFacts v6 = with_targets({"2001:db8::7"});
  EXPECT_EQ(v6.literals.size(), 1U);
  EXPECT_TRUE(v6.hosts.empty());
}

TEST_F(MxProbe, targets_that_are_no_host_names_are_counted_only) {
  for (const std::string target : {"a b.example", "m\xc3\xbcll.example", "12345", "1.2.3", "-a.example", "a-.example",
                                   "a.example-", "exa*mple", "http://x"}) {
    const MxFacts facts = with_targets({target});
    EXPECT_EQ(facts.unusable_targets, 1U) << target;
    EXPECT_TRUE(facts.hosts.empty()) << target;
  }
  EXPECT_EQ(names(with_targets({"under_score.example"})), Names{"10 under_score.example"});
  EXPECT_EQ(names(with_targets({"localhost"})), Names{"10 localhost"});
}

TEST_F(MxProbe, an_alias_at_the_domain_is_followed) {
  const MxFacts facts = look_up([](const Asked& asked) {
    Packet reply = asked.reply();
    reply.answer(asked.name, Type::cname, 60, dns::test::wire_name("real.example"));
    reply.answer("real.example", Type::mx, 300, mx_data(5, "mx.real.example"));
    return Replies{reply.octets()};
  });
  EXPECT_EQ(names(facts), Names{"5 mx.real.example"});
  EXPECT_EQ(facts.lookup.cname_hops, 1);
}

TEST_F(MxProbe, hosts_are_bounded_and_the_best_are_kept) {
  const MxFacts facts = look_up([](const Asked& asked) {
    if (!asked.tcp) return Replies{asked.reply(dns::test::kTruncated).octets()};
    Packet reply = asked.reply();
    for (std::size_t i = kMaxMxHosts + 1; i > 0; --i) {
      const auto preference = static_cast<std::uint16_t>(i);
      reply.answer(asked.name, Type::mx, 300, mx_data(preference, "mx" + std::to_string(i) + ".example"));
    }
    return Replies{reply.octets()};
  });
  EXPECT_EQ(facts.hosts.size(), kMaxMxHosts);
  EXPECT_EQ(facts.hosts.front().preference, 1);
  EXPECT_EQ(facts.hosts.back().preference, kMaxMxHosts);
}

}  // namespace
}  // namespace mxhealth::probes
