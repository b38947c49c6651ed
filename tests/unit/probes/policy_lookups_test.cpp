// The looks at what a domain publishes, with questions and answers on the wire. What they mean is tested in policy/.
#include <map>
#include <set>

#include "net/dns_fixture.hpp"
#include "net/resolver.hpp"
#include "net/wheel.hpp"
#include "probes/ask_until_judged.hpp"
#include "probes/bimi.hpp"
#include "probes/dkim.hpp"
#include "probes/dmarc.hpp"
#include "probes/ptr.hpp"
#include "probes/spf.hpp"

namespace mxhealth::probes {
namespace {

using dns::Type;
using net::test::Asked;
using net::test::Replies;

class PolicyLookupTest : public testing::Test {
 protected:
  Replies answer(const Asked& asked) {
    if (asked.name.find("failing") != std::string::npos) return {asked.reply(2).opt().octets()};
    auto packet = asked.reply();
    const auto [first, last] = records.equal_range({asked.name, asked.type});
    for (auto it = first; it != last; ++it) packet.answer(asked.name, asked.type, 60, it->second);
    return {packet.opt().octets()};
  }
  void txt(const std::string& name, std::string_view text) {
    records.insert({{name, Type::txt}, dns::test::text_data({text})});
  }
  void a(const std::string& name, std::string_view text) {
    const Address one = Address::parse(text).value();
    records.insert({{name, Type::a}, {one.bytes().begin(), one.bytes().end()}});
  }

  template <class LookUp>
  PolicyFacts look(LookUp look_up) {
    PolicyTools policy_tools{resolver, session, config};
    return net::test::run(io, look_up(policy_tools, subject));
  }
  net::ResolverSettings settings() {
    net::ResolverSettings made;
    made.servers = {server.peer()};
    return made;
  }

  std::multimap<std::pair<std::string, Type>, dns::test::Octets> records;
  boost::asio::io_context io{1};
  net::test::DnsServer server{io, [this](const Asked& asked) { return answer(asked); }};
  net::Resolver resolver{io, settings()};
  net::Wheel wheel{io};
  tls::ChainJudge judge{tls::TrustStore::trusting_nobody()};
  net::SessionTools session{.io = io, .wheel = wheel, .tls = nullptr, .judge = judge, .scratch = {}};
  config::Config config;
  PolicySubject subject{.domain = Name::parse("example.com").value()};
};

TEST_F(PolicyLookupTest, of_spf_follows_the_record_and_checks_every_sending_address) {
  txt("example.com", "v=spf1 mx include:_spf.example.net -all");
  txt("_spf.example.net", "v=spf1 ip4:198.51.100.0/30 -all");
  records.insert({{"example.com", Type::mx}, dns::test::mx_data(20, "mx2.example.com")});
  records.insert({{"example.com", Type::mx}, dns::test::mx_data(10, "mx1.example.com")});
  a("mx1.example.com", "192.0.2.1");
  a("mx2.example.com", "192.0.2.2");
  subject.sending = {{Address::parse("198.51.100.0").value(), 30}, {Address::parse("192.0.2.2").value(), 32}};
  PolicyFacts facts = look(look_up_spf);
  EXPECT_TRUE(facts.looked_up && facts.present);
  EXPECT_EQ(facts.dns_lookups, 2U);
  EXPECT_TRUE(facts.notes.empty()) << facts.notes[0].sentence;
  subject.sending = {{Address::parse("198.51.100.0").value(), 29}};
  facts = look(look_up_spf);
  ASSERT_EQ(is_valid(facts), false);
  EXPECT_NE(facts.notes[0].sentence.find("198.51.100.4 (and 3 more) gets fail"), std::string::npos);
}

TEST_F(PolicyLookupTest, of_dmarc_goes_up_to_the_organization_and_asks_for_consent) {
  txt("_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:x@example.net");
  subject.domain = Name::parse("a.b.example.com").value();
  const PolicyFacts facts = look(look_up_dmarc);
  EXPECT_EQ(facts.mode, "reject");
  EXPECT_EQ(server.asked.back().name, "example.com._report._dmarc.example.net");
}

TEST_F(PolicyLookupTest, of_dkim_asks_for_each_selector) {
  txt("s1._domainkey.example.com", "v=DKIM1; p=");
  subject.dkim_selectors = {"s1", "s2"};
  const PolicyFacts facts = look(look_up_dkim);
  EXPECT_EQ(facts.mode, "revoked");
  EXPECT_EQ(facts.notes.size(), 2U);
}

TEST_F(PolicyLookupTest, of_bimi_asks_for_dmarc_only_beside_a_record) {
  EXPECT_FALSE(look(look_up_bimi).present);
  EXPECT_EQ(server.asked.size(), 1U);
  txt("default._bimi.example.org", "v=BIMI1; l=https://example.org/l.svg");
  subject.domain = Name::parse("example.org").value();
  EXPECT_EQ(is_valid(look(look_up_bimi)), false) << "there is no DMARC record";
  EXPECT_EQ(server.asked.back().name, "_dmarc.example.org");
}

TEST_F(PolicyLookupTest, that_fails_is_no_judgement) {
  subject.domain = Name::parse("failing.example").value();
  subject.dkim_selectors = {"s1"};
  for (const auto look_up : {look_up_spf, look_up_dmarc, look_up_dkim, look_up_bimi}) {
    const PolicyFacts facts = look(look_up);
    EXPECT_FALSE(facts.looked_up);
    EXPECT_EQ(facts.notes.size(), 1U);
  }
}

TEST_F(PolicyLookupTest, asks_no_more_after_some_failures) {
  std::string record = "v=spf1";
  for (int i = 0; i < 9; ++i) record += " include:n" + std::to_string(i) + ".failing.example";
  txt("example.com", record + " -all");
  const PolicyFacts facts = look(look_up_spf);
  EXPECT_EQ(facts.dns_lookups, std::nullopt);
  std::set<std::string> names;
  for (const Asked& asked : server.asked) names.insert(asked.name);
  EXPECT_EQ(names.size(), 1U + kMaxFailures);
}

TEST_F(PolicyLookupTest, of_reverse_dns_confirms_the_name) {
  records.insert({{"10.2.0.192.in-addr.arpa", Type::ptr}, dns::test::wire_name("mail.example.com")});
  const Address address = Address::parse("192.0.2.10").value();
  EXPECT_FALSE(net::test::run(io, look_up_ptr(resolver, address)).forward_confirmed);
  a("mail.example.org", "192.0.2.11");
  records.insert({{"11.2.0.192.in-addr.arpa", Type::ptr}, dns::test::wire_name("mail.example.org")});
  const PtrFacts facts = net::test::run(io, look_up_ptr(resolver, Address::parse("192.0.2.11").value()));
  EXPECT_TRUE(facts.forward_confirmed);
  EXPECT_EQ(facts.names.at(0).view(), "mail.example.org");
}

TEST_F(PolicyLookupTest, of_our_own_name_tells_what_others_hold_against_it) {
  a("probe.example.net", "192.0.2.1");
  const Name own = Name::parse("probe.example.net").value();
  const std::vector<Address> right{Address::parse("192.0.2.1").value()};
  const std::vector<Address> wrong{Address::parse("192.0.2.2").value()};
  EXPECT_TRUE(net::test::run(io, look_up_own_name(resolver, own, right)).empty());
  EXPECT_EQ(net::test::run(io, look_up_own_name(resolver, own, wrong)).size(), 1U);
  EXPECT_EQ(net::test::run(io, look_up_own_name(resolver, Name::parse("none.example.net").value(), {})).size(), 1U);
  EXPECT_TRUE(net::test::run(io, look_up_own_name(resolver, Name::parse("failing.example").value(), {})).empty());
}

}  // namespace
}  // namespace mxhealth::probes
