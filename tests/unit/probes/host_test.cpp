#include "probes/host.hpp"

#include <gtest/gtest.h>

#include "net/dns_fixture.hpp"
#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

using namespace net::test;
using namespace std::chrono_literals;

const Octets kV6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};

class HostProbe : public testing::Test {
 protected:
  HostFacts look_up(Script script, std::vector<Family> families = {Family::ipv4, Family::ipv6}) {
    DnsServer server(io, std::move(script));
    net::ResolverSettings settings;
    settings.servers = {server.peer()};
    settings.timeout = 400ms;
    net::Resolver resolver(io, settings);
    HostFacts facts = run(io, look_up_host(resolver, *Name::parse("mx.example"), std::move(families)));
    asked = server.asked;
    return facts;
  }
  static std::vector<std::string> addresses(const HostFacts& facts) {
    std::vector<std::string> all;
    for (const Address& address : facts.addresses) all.push_back(address.to_string());
    return all;
  }
  using Texts = std::vector<std::string>;

  asio::io_context io{1};
  std::vector<Asked> asked;
};

Replies both(const Asked& asked) {
  Packet reply = asked.reply();
  if (asked.type == Type::a) {
    reply.answer(asked.name, Type::a, 300, {192, 0, 2, 9}).answer(asked.name, Type::a, 300, {192, 0, 2, 1});
    reply.answer(asked.name, Type::a, 300, {192, 0, 2, 9});
  } else {
    reply.answer(asked.name, Type::aaaa, 200, kV6);
  }
  return {reply.octets()};
}

TEST_F(HostProbe, gives_both_families_sorted_and_unique) {
  const HostFacts facts = look_up(both);
  EXPECT_EQ(addresses(facts), (Texts{"192.0.2.1", "192.0.2.9", "2001:db8::5"}));
  ASSERT_TRUE(facts.ipv4 && facts.ipv6);
  EXPECT_EQ(facts.ipv4->end, LookupEnd::records);
  EXPECT_EQ(facts.ipv4->ttl, 300s);
  EXPECT_EQ(facts.ipv6->ttl, 200s);
  EXPECT_FALSE(facts.alias);
}

TEST_F(HostProbe, asks_for_both_before_either_is_answered) {
  std::vector<Asked> held;
  look_up([&](const Asked& one) {
    held.push_back(one);
    return Replies{};
  });
  ASSERT_GE(held.size(), 2U);
  EXPECT_NE(held[0].type, held[1].type);
}

TEST_F(HostProbe, a_family_that_is_not_asked_for_stays_empty) {
  const HostFacts facts = look_up(both, {Family::ipv6});
  EXPECT_FALSE(facts.ipv4);
  EXPECT_TRUE(facts.ipv6);
  EXPECT_EQ(addresses(facts), Texts{"2001:db8::5"});
  EXPECT_EQ(asked.size(), 1U);
  const HostFacts none = look_up(both, {});
  EXPECT_FALSE(none.ipv4 || none.ipv6);
}

TEST_F(HostProbe, families_end_on_their_own) {
  const HostFacts facts =
      look_up([](const Asked& one) { return one.type == Type::a ? Replies{one.reply(2).octets()} : both(one); });
  EXPECT_EQ(facts.ipv4->end, LookupEnd::servfail);
  EXPECT_EQ(facts.ipv6->end, LookupEnd::records);
  EXPECT_EQ(addresses(facts), Texts{"2001:db8::5"});
}

TEST_F(HostProbe, an_alias_is_followed_and_noted) {
  const HostFacts facts = look_up([](const Asked& one) {
    Packet reply = one.reply();
    reply.answer(one.name, Type::cname, 60, dns::test::wire_name("real.example"));
    if (one.type == Type::a) reply.answer("real.example", Type::a, 300, {192, 0, 2, 1});
    if (one.type == Type::aaaa) {
      reply.authority("example", Type::soa, 900, dns::test::soa_data("ns.example", 60));
    }
    return Replies{reply.octets()};
  });
  EXPECT_TRUE(facts.alias);
  EXPECT_EQ(addresses(facts), Texts{"192.0.2.1"});
  EXPECT_EQ(facts.ipv6->end, LookupEnd::no_data);
}

TEST_F(HostProbe, a_host_that_does_not_exist_has_no_addresses) {
  const HostFacts facts = look_up([](const Asked& one) { return Replies{one.reply(3).octets()}; });
  EXPECT_EQ(facts.ipv4->end, LookupEnd::nxdomain);
  EXPECT_EQ(facts.ipv6->end, LookupEnd::nxdomain);
  EXPECT_TRUE(facts.addresses.empty());
}

TEST_F(HostProbe, an_address_written_as_a_name_is_not_asked_for) {
  DnsServer server(io, both);
  net::ResolverSettings settings;
  settings.servers = {server.peer()};
  net::Resolver resolver(io, settings);
  const HostFacts facts = run(io, look_up_host(resolver, *Name::parse("192.0.2.7"), {Family::ipv4, Family::ipv6}));
  EXPECT_EQ(addresses(facts), Texts{"192.0.2.7"});
  ASSERT_TRUE(facts.ipv4);
  EXPECT_EQ(facts.ipv4->end, LookupEnd::records);
  EXPECT_TRUE(server.asked.empty());
}

}  // namespace
}  // namespace mxhealth::probes
