#include "policy/judge_spf.hpp"

#include "policy/facts.hpp"
#include "policy/zone.hpp"

namespace mxhealth::policy {
namespace {

using test::address;
using test::all;
using test::broken;
using test::noted;
using test::risky;
using test::Zone;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Name kDomain = test::name("example.com");

PolicyFacts judge(Zone zone, const std::vector<Address>& sending = {}) {
  return *zone.settle([&](Answers& answers) { return judge_spf(kDomain, sending, answers); });
}
PolicyFacts judge(const std::string& record) { return judge(Zone().txt("example.com", record)); }

TEST(JudgeSpf, of_a_good_record_tells_mode_cost_and_text) {
  Zone zone;
  zone.txt("example.com", "v=spf1 a mx include:_spf.example.net ip4:192.0.2.0/28 -all").txt("example.com", "else=1");
  zone.txt("_spf.example.net", "v=spf1 exists:%{i}.example.net redirect=more.example.net");
  zone.txt("more.example.net", "v=spf1 ip4:198.51.100.0/24 ?all");
  zone.a("example.com", {"192.0.2.1"}).mx("example.com", {"mx.example.com"}).a("mx.example.com", {"192.0.2.2"});
  const PolicyFacts facts = judge(zone, {address("192.0.2.1"), address("192.0.2.7"), address("198.51.100.9")});
  EXPECT_TRUE(facts.looked_up && facts.present);
  EXPECT_THAT(facts.notes, IsEmpty()) << all(facts);
  EXPECT_EQ(facts.mode, "fail");
  EXPECT_EQ(facts.dns_lookups, 5U);
  EXPECT_EQ(facts.text, "v=spf1 a mx include:_spf.example.net ip4:192.0.2.0/28 -all");
  EXPECT_EQ(is_valid(facts), true);
}

TEST(JudgeSpf, takes_the_mode_from_where_redirect_leads) {
  const PolicyFacts facts =
      judge(Zone().txt("example.com", "v=spf1 redirect=to.example.net").txt("to.example.net", "v=spf1 ~all"));
  EXPECT_EQ(facts.mode, "softfail");
  EXPECT_EQ(facts.dns_lookups, 1U);
  EXPECT_EQ(judge("v=spf1 ?all").mode, "neutral");
  EXPECT_EQ(judge("v=spf1 +all").mode, "pass");
  EXPECT_EQ(judge("v=spf1").mode, "none");
}

TEST(JudgeSpf, tells_what_is_not_there_from_what_is_not_known) {
  const PolicyFacts none = judge(Zone().txt("example.com", "else=1"));
  EXPECT_TRUE(none.looked_up);
  EXPECT_FALSE(none.present);
  EXPECT_EQ(none.mode, "");
  EXPECT_EQ(is_valid(none), std::nullopt);
  const PolicyFacts unknown = judge(Zone().fails("example.com", Ask::txt, LookupEnd::timed_out));
  EXPECT_FALSE(unknown.looked_up);
  EXPECT_THAT(unknown.notes[0].sentence, HasSubstr("no answer in time"));
}

TEST(JudgeSpf, knows_records_that_are_meant_and_are_none) {
  for (const char* text :
       {"v=spf1-all", "\"v=spf1 -all\"", " v=spf1 -all", "v=spf1;-all", "spf1 -all", "v= spf1 -all"}) {
    const PolicyFacts facts = judge(text);
    EXPECT_EQ(is_valid(facts), false) << text;
    EXPECT_THAT(facts.notes[0].sentence, HasSubstr("at the very start")) << text;
    EXPECT_FALSE(facts.text.empty()) << text;
  }
}

TEST(JudgeSpf, calls_two_records_broken_whatever_they_say) {
  const PolicyFacts facts = judge(Zone().txt("example.com", "v=spf1 -all").txt("example.com", "v=spf1 mx -all"));
  EXPECT_THAT(broken(facts), ElementsAre(HasSubstr("merge them into one")));
  EXPECT_EQ(facts.text, "v=spf1 -all | v=spf1 mx -all");
  EXPECT_EQ(facts.dns_lookups, std::nullopt);
}

TEST(JudgeSpf, names_the_term_with_the_syntax_error) {
  EXPECT_THAT(broken(judge("v=spf1 ipv4:192.0.2.1 -all")), ElementsAre(HasSubstr("ipv4:192.0.2.1: no such mechanism")));
  const PolicyFacts included =
      judge(Zone().txt("example.com", "v=spf1 include:x.example -all").txt("x.example", "v=spf1 -all:x"));
  EXPECT_THAT(broken(included), ElementsAre(HasSubstr("in the record of x.example: -all:x")));
}

TEST(JudgeSpf, counts_lookups_of_the_whole_tree_and_calls_eleven_broken) {
  std::string ten = "v=spf1 include:two.example";
  for (int i = 0; i < 7; ++i) ten += " exists:%{i}.l" + std::to_string(i) + ".example";
  Zone zone;
  zone.txt("two.example", "v=spf1 exists:%{i}.a.example exists:%{i}.b.example -all");
  PolicyFacts facts = judge(Zone(zone).txt("example.com", ten + " -all"));
  EXPECT_EQ(facts.dns_lookups, 10U);
  EXPECT_THAT(broken(facts), IsEmpty());
  EXPECT_THAT(noted(facts), ElementsAre(HasSubstr("all 10 DNS lookups")));
  facts = judge(Zone(zone).txt("example.com", ten + " exists:%{l}.example -all"));
  EXPECT_EQ(facts.dns_lookups, 11U);
  EXPECT_THAT(broken(facts), ElementsAre(HasSubstr("takes 11 DNS lookups")));
  facts = judge(Zone(zone).txt("example.com", ten + " -all exists:%{l}.example"));
  EXPECT_EQ(facts.dns_lookups, 10U) << "what stands behind all is never asked";
}

TEST(JudgeSpf, calls_the_third_void_lookup_broken) {
  Zone zone;
  zone.txt("example.com", "v=spf1 a:n1.example mx:n2.example -all").txt("n2.example", "it exists, without MX");
  const PolicyFacts two = judge(zone);
  EXPECT_EQ(risky(two).size(), 2U);
  EXPECT_EQ(is_valid(two), true);
  const PolicyFacts three = judge("v=spf1 a:n1.example mx:n2.example exists:n3.example -all");
  EXPECT_THAT(broken(three), ElementsAre(HasSubstr("3 terms ask for what does not exist")));
  EXPECT_THAT(risky(three), ElementsAre(HasSubstr("`a:n1.example`"), HasSubstr("`mx:n2.example`"), HasSubstr("n3")));
}

TEST(JudgeSpf, finds_loops_of_includes_and_redirects) {
  Zone zone;
  zone.txt("example.com", "v=spf1 include:b.example -all").txt("b.example", "v=spf1 include:c.example -all");
  zone.txt("c.example", "v=spf1 redirect=b.example");
  EXPECT_THAT(broken(judge(zone)),
              ElementsAre(HasSubstr("`redirect=b.example in the record of c.example` leads back")));
  EXPECT_THAT(broken(judge("v=spf1 include:example.com -all")), ElementsAre(HasSubstr("leads back")));
  EXPECT_THAT(broken(judge("v=spf1 redirect=example.com")), ElementsAre(HasSubstr("leads back")));
}

TEST(JudgeSpf, calls_includes_without_a_record_broken_and_those_that_fail_only_risky) {
  EXPECT_THAT(broken(judge("v=spf1 include:gone.example -all")), ElementsAre(HasSubstr("leads to no SPF record")));
  Zone two;
  two.txt("example.com", "v=spf1 include:x.example -all").txt("x.example", "v=spf1 a").txt("x.example", "v=spf1 mx");
  EXPECT_THAT(broken(judge(two)), ElementsAre(HasSubstr("more than one SPF record")));
  const PolicyFacts fails =
      judge(Zone().txt("example.com", "v=spf1 include:x.example -all").fails("x.example", Ask::txt));
  EXPECT_THAT(risky(fails), ElementsAre(HasSubstr("`include:x.example` leads to cannot be looked up (SERVFAIL)")));
  EXPECT_EQ(fails.dns_lookups, std::nullopt) << "it may be more";
  EXPECT_EQ(is_valid(fails), true);
}

TEST(JudgeSpf, calls_a_record_that_lets_everybody_send_broken_even_behind_an_include) {
  EXPECT_THAT(broken(judge("v=spf1 +all")), ElementsAre(HasSubstr("every host of the world")));
  EXPECT_THAT(broken(judge("v=spf1 all")), ElementsAre(HasSubstr("every host of the world")));
  EXPECT_THAT(broken(judge(Zone().txt("example.com", "v=spf1 include:x.example -all").txt("x.example", "v=spf1 +all"))),
              ElementsAre(HasSubstr("in the record of x.example")));
}

TEST(JudgeSpf, tells_what_is_risky) {
  EXPECT_THAT(risky(judge("v=spf1 ?all")), ElementsAre(HasSubstr("`?all` says nothing")));
  EXPECT_THAT(risky(judge("v=spf1 ip4:192.0.2.1")), ElementsAre(HasSubstr("does not end in `all`")));
  EXPECT_THAT(risky(judge("v=spf1 ptr ~all")), ElementsAre(HasSubstr("`ptr`")));
  EXPECT_THAT(risky(judge("v=spf1 -all ip4:192.0.2.1")), ElementsAre(HasSubstr("`ip4:192.0.2.1` stands behind `all`")));
  EXPECT_THAT(noted(judge("v=spf1 redirect=x.example -all")),
              ElementsAre(HasSubstr("counts for nothing beside `all`")));
  std::vector<std::string> hosts;
  for (int i = 0; i < 11; ++i) hosts.push_back("h" + std::to_string(i) + ".example");
  EXPECT_THAT(broken(judge(Zone().txt("example.com", "v=spf1 mx -all").mx("example.com", hosts))),
              ElementsAre(HasSubstr("11 mail hosts")));
}

TEST(JudgeSpf, warns_of_long_records) {
  const auto of_size = [](std::size_t size) {
    std::string text = "v=spf1 -all moo=";
    return judge(text + std::string(size - text.size(), 'x'));
  };
  EXPECT_THAT(of_size(450).notes, IsEmpty());
  EXPECT_THAT(noted(of_size(451)), ElementsAre(HasSubstr("451 octets")));
  EXPECT_THAT(noted(of_size(512)), ElementsAre(HasSubstr("512 octets")));
  EXPECT_THAT(risky(of_size(513)), ElementsAre(HasSubstr("513 octets")));
  const PolicyFacts huge = of_size(10240);
  EXPECT_THAT(broken(huge), ElementsAre(HasSubstr("longer than 8192 octets")));
  EXPECT_LE(huge.text.size(), kMaxPolicyText + 3) << "with the dots of a cut";
}

TEST(JudgeSpf, names_sending_addresses_without_a_pass_and_what_to_add) {
  Zone zone;
  zone.txt("example.com", "v=spf1 ip4:192.0.2.1 ~all");
  const PolicyFacts facts = judge(zone, {address("192.0.2.1"), address("192.0.2.8"), address("2001:db8::1")});
  EXPECT_THAT(broken(facts), ElementsAre("The configured sending address 192.0.2.8 (and 1 more) gets softfail (~all); "
                                         "receivers may mark its mail as spam: add ip4:192.0.2.8 to the record if it "
                                         "does send."));
  zone = Zone().txt("example.com", "v=spf1 -all");
  EXPECT_THAT(broken(judge(zone, {address("2001:db8::1")})), ElementsAre(HasSubstr("add ip6:2001:db8::1")));
  zone = Zone().txt("example.com", "v=spf1 a:x.example -all").fails("x.example", Ask::a).fails("x.example", Ask::aaaa);
  EXPECT_THAT(risky(judge(zone, {address("192.0.2.1")})), Contains(HasSubstr("gets temperror")));
}

TEST(JudgeSpf, of_a_tree_without_end_ends) {
  Zone zone;  // every record includes ten further ones
  zone.txt("example.com", "v=spf1 include:r1.example include:r2.example -all");
  for (int i = 1; i < 400; ++i) {
    std::string text = "v=spf1";
    for (int k = 0; k < 10; ++k) text += " include:r" + std::to_string(i * 10 + k) + ".example";
    zone.txt("r" + std::to_string(i) + ".example", text + " -all");
  }
  for (int i = 400; i < 4000; ++i) zone.txt("r" + std::to_string(i) + ".example", "v=spf1 -all");
  const PolicyFacts facts = judge(zone, {address("192.0.2.1")});
  EXPECT_EQ(is_valid(facts), false);
  EXPECT_LE(facts.notes.size(), kMaxPolicyNotes);
}

TEST(JudgeSpf, keeps_what_strangers_publish_printable) {
  const PolicyFacts facts = judge(std::string("v=spf1 \x1b[31m\n-all"));
  for (const char c : all(facts) + facts.text) EXPECT_TRUE((c >= ' ' && c <= '~') || c == '\n');
  EXPECT_EQ(is_valid(facts), false);
}

}  // namespace
}  // namespace mxhealth::policy
