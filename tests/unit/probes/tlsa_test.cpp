// Where TLSA records are asked for, and what is not known to be unsigned.
#include "probes/tlsa.hpp"

#include <gtest/gtest.h>

#include "net/dns_fixture.hpp"
#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

using namespace net::test;
using namespace std::chrono_literals;

constexpr std::uint16_t kAuthentic = 0x20;  // the AD bit
const ServerName kServer = *Name::parse("mx.example");
const Name kTarget = *Name::parse("host.elsewhere.example");

HostFacts host(bool authenticated, bool alias = false) {
  HostFacts facts;
  facts.ipv4 = LookupFacts{.end = LookupEnd::records, .authenticated = authenticated};
  facts.alias = alias;
  if (alias) facts.canonical = kTarget;
  return facts;
}

class TlsaProbe : public testing::Test {
 protected:
  TlsaFacts look_up(const HostFacts& host, Script script) {
    DnsServer server(io, std::move(script));
    net::ResolverSettings settings;
    settings.servers = {server.peer()};
    settings.timeout = 400ms;
    net::Resolver resolver(io, settings);
    TlsaFacts facts = run(io, look_up_tlsa(resolver, kServer, 25, host));
    for (const Asked& one : server.asked)
      if (one.type == Type::tlsa || one.type == Type::cname) asked.push_back(one.name);
    return facts;
  }

  asio::io_context io{1};
  std::vector<std::string> asked;
};

Replies none(const Asked& asked, std::uint16_t flags) {
  return {asked.reply(flags).authority("example", Type::soa, 60, dns::test::soa_data("ns.example", 60)).opt().octets()};
}

TEST_F(TlsaProbe, asks_nothing_of_a_host_whose_addresses_are_not_signed) {
  const TlsaFacts facts = look_up(host(false), [](const Asked& one) { return none(one, kAuthentic); });
  EXPECT_FALSE(facts.secure_host);
  EXPECT_TRUE(asked.empty());
}

TEST_F(TlsaProbe, an_alias_that_is_not_signed_has_no_records) {
  const TlsaFacts facts = look_up(host(false, true), [](const Asked& one) { return none(one, 0); });
  EXPECT_FALSE(facts.secure_host);
  EXPECT_EQ(asked, std::vector<std::string>{"mx.example"});
}

TEST_F(TlsaProbe, an_alias_that_is_signed_has_them_at_its_own_name) {
  const TlsaFacts facts = look_up(host(false, true), [](const Asked& one) { return none(one, kAuthentic); });
  EXPECT_TRUE(facts.secure_host);
  EXPECT_EQ(facts.end, LookupEnd::no_data);
  EXPECT_EQ(asked, (std::vector<std::string>{"mx.example", "_25._tcp.mx.example"}));
}

// RFC 7672 section 2.2.2: a failure to learn whether the alias is signed is no proof that it is not.
TEST_F(TlsaProbe, an_alias_of_which_nobody_knows_whether_it_is_signed_is_a_failed_lookup) {
  const TlsaFacts refused =
      look_up(host(false, true), [](const Asked& one) { return Replies{one.reply(2).opt().octets()}; });
  EXPECT_TRUE(refused.secure_host);
  EXPECT_EQ(refused.end, LookupEnd::servfail);
  const TlsaFacts silent = look_up(host(false, true), [](const Asked&) { return Replies{}; });
  EXPECT_TRUE(silent.secure_host);
  EXPECT_EQ(silent.end, LookupEnd::timed_out);
  EXPECT_FALSE(has_records(silent));
}

}  // namespace
}  // namespace mxhealth::probes
