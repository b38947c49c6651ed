#include "policy/dmarc.hpp"

#include "dnsbl/registered_domain.hpp"
#include "policy/facts.hpp"
#include "policy/zone.hpp"

namespace mxhealth::policy {
namespace {

using test::all;
using test::broken;
using test::name;
using test::noted;
using test::risky;
using test::Zone;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PolicyFacts judge(Zone zone, std::string_view domain = "example.com") {
  return *zone.settle([&](Answers& answers) { return judge_dmarc(name(domain), &dnsbl::registered_domain, answers); });
}
PolicyFacts judge(const std::string& record) { return judge(Zone().txt("_dmarc.example.com", record)); }

constexpr auto kRua = "; rua=mailto:dmarc@example.com";
std::string with_rua(const std::string& record) { return record + kRua; }

TEST(Dmarc, good_record_has_nothing_to_say) {
  const std::string record =
      "v=DMARC1; p=reject; sp=quarantine; adkim=s; aspf=r; fo=1:d:s; pct=100; ri=86400; rf=afrf; "
      "rua=mailto:dmarc@example.com!10m,mailto:d@reports.example.com; ruf=mailto:f@example.com";
  PolicyFacts facts = judge("v=DMARC1; p=reject; rua=mailto:dmarc@example.com!10m,mailto:d@reports.example.com");
  EXPECT_THAT(facts.notes, IsEmpty()) << all(facts);
  EXPECT_EQ(facts.mode, "reject");
  EXPECT_EQ(is_valid(facts), true);
  facts = judge(record);
  EXPECT_THAT(broken(facts), IsEmpty()) << all(facts);
  EXPECT_EQ(facts.text, record);
}

TEST(Dmarc, mode_is_the_policy_in_any_case) {
  EXPECT_EQ(judge("v=DMARC1; p=none").mode, "none");
  EXPECT_EQ(judge("v=DMARC1;p=Quarantine").mode, "quarantine");
  EXPECT_EQ(judge("v = DMARC1 ; p = reject ;").mode, "reject");
}

TEST(Dmarc, none_only_watches_and_says_so) {
  const PolicyFacts facts = judge(with_rua("v=DMARC1; p=none"));
  EXPECT_EQ(is_valid(facts), true);
  EXPECT_THAT(noted(facts), ElementsAre(HasSubstr("only watches")));
}

TEST(Dmarc, not_there_is_not_broken) {
  const PolicyFacts facts = judge(Zone());
  EXPECT_FALSE(facts.present);
  EXPECT_EQ(is_valid(facts), std::nullopt);
  EXPECT_EQ(facts.mode, "");
  EXPECT_THAT(risky(facts), ElementsAre(HasSubstr("publishes no DMARC record")));
}

TEST(Dmarc, not_known_is_told_as_such) {
  const PolicyFacts facts = judge(Zone().fails("_dmarc.example.com", Ask::txt, LookupEnd::refused));
  EXPECT_FALSE(facts.looked_up);
  EXPECT_THAT(facts.notes[0].sentence, HasSubstr("_dmarc.example.com cannot be looked up now (REFUSED)"));
  EXPECT_FALSE(judge(Zone().fails("_dmarc.example.com", Ask::txt), "mail.example.com").looked_up);
}

TEST(Dmarc, record_of_the_organizational_domain_counts_for_those_below) {
  Zone zone;
  zone.txt("_dmarc.example.co.uk", with_rua("v=DMARC1; p=reject; sp=quarantine"));
  PolicyFacts facts = judge(zone, "news.mail.example.co.uk");
  EXPECT_EQ(facts.mode, "quarantine");
  EXPECT_THAT(noted(facts), Contains(HasSubstr("that of example.co.uk counts for it")));
  EXPECT_EQ(judge(zone, "example.co.uk").mode, "reject");
  zone.txt("_dmarc.news.mail.example.co.uk", with_rua("v=DMARC1; p=none"));
  EXPECT_EQ(judge(zone, "news.mail.example.co.uk").mode, "none");
}

TEST(Dmarc, record_in_between_and_on_a_public_suffix_is_not_asked_for) {
  Zone zone;
  zone.txt("_dmarc.mail.example.co.uk", "v=DMARC1; p=reject").txt("_dmarc.co.uk", "v=DMARC1; p=reject");
  EXPECT_FALSE(judge(zone, "news.mail.example.co.uk").present);
  Zone asked = zone;
  asked.settle([&](Answers& answers) { return judge_dmarc(name("co.uk"), &dnsbl::registered_domain, answers); });
  EXPECT_EQ(asked.asked.size(), 1U);
}

TEST(Dmarc, subdomain_without_sp_has_the_policy_of_its_organization) {
  EXPECT_EQ(judge(Zone().txt("_dmarc.example.com", "v=DMARC1; p=reject"), "a.example.com").mode, "reject");
}

TEST(Dmarc, two_records_are_broken) {
  const PolicyFacts facts =
      judge(Zone().txt("_dmarc.example.com", "v=DMARC1; p=none").txt("_dmarc.example.com", "v=DMARC1; p=reject"));
  EXPECT_THAT(broken(facts), ElementsAre(HasSubstr("2 DMARC records")));
}

TEST(Dmarc, other_texts_beside_the_record_do_not_count) {
  EXPECT_EQ(is_valid(judge(Zone().txt("_dmarc.example.com", "hello").txt("_dmarc.example.com", "v=DMARC1; p=none"))),
            true);
}

TEST(Dmarc, record_that_is_meant_and_is_none_is_broken) {
  for (const char* text : {"v=dmarc1; p=none", "V=DMARC1; p=none", "v=DMARC1 p=none", " v=DMARC1; p=none",
                           "\"v=DMARC1; p=none\"", "v=DMARC1.; p=none", "v=DMARC10; p=none"}) {
    const PolicyFacts facts = judge(text);
    EXPECT_EQ(is_valid(facts), false) << text;
    EXPECT_THAT(broken(facts), ElementsAre(HasSubstr("no DMARC record for receivers"))) << text;
  }
}

TEST(Dmarc, record_without_a_policy_is_broken) {
  EXPECT_THAT(broken(judge("v=DMARC1")), ElementsAre(HasSubstr("p is missing")));
  EXPECT_THAT(broken(judge(with_rua("v=DMARC1; sp=reject"))), ElementsAre(HasSubstr("p is missing")));
  EXPECT_THAT(broken(judge("v=DMARC1; p=block")), ElementsAre(HasSubstr("p=block is no policy")));
  EXPECT_THAT(broken(judge("v=DMARC1; p=")), ElementsAre(HasSubstr("p= is no policy")));
  EXPECT_EQ(judge("v=DMARC1; p=block").mode, "none");
}

TEST(Dmarc, subdomain_policy_that_is_none_is_broken_and_a_weaker_one_risky) {
  EXPECT_THAT(broken(judge("v=DMARC1; p=reject; sp=off")), ElementsAre(HasSubstr("sp=off")));
  EXPECT_THAT(risky(judge("v=DMARC1; p=reject; sp=none")), ElementsAre(HasSubstr("leaves subdomains less protected")));
  EXPECT_THAT(risky(judge("v=DMARC1; p=none; sp=reject")), IsEmpty());
  EXPECT_THAT(risky(judge("v=DMARC1; p=reject; np=no")), ElementsAre(HasSubstr("np=no")));
}

TEST(Dmarc, p_that_does_not_come_second_is_noted) {
  EXPECT_THAT(noted(judge("v=DMARC1; rua=mailto:a@example.com; p=reject")), ElementsAre(HasSubstr("at once")));
}

TEST(Dmarc, percentages_below_100_are_noted_and_nonsense_is_risky) {
  EXPECT_THAT(noted(judge(with_rua("v=DMARC1; p=reject; pct=20"))), ElementsAre(HasSubstr("pct=20")));
  EXPECT_THAT(noted(judge(with_rua("v=DMARC1; p=reject; pct=0"))), ElementsAre(HasSubstr("pct=0")));
  EXPECT_THAT(judge(with_rua("v=DMARC1; p=reject; pct=100")).notes, IsEmpty());
  for (const char* value : {"101", "-1", "20%", "", "ten"})
    EXPECT_THAT(risky(judge(with_rua("v=DMARC1; p=reject; pct=" + std::string(value)))),
                ElementsAre(HasSubstr("counts as 100")))
        << value;
}

TEST(Dmarc, alignment_and_options_that_are_none_are_risky) {
  EXPECT_THAT(risky(judge("v=DMARC1; p=reject; adkim=strict; aspf=x; fo=2")),
              ElementsAre(HasSubstr("adkim=strict"), HasSubstr("aspf=x"), HasSubstr("fo=2")));
}

TEST(Dmarc, syntax_errors_are_risky_since_receivers_differ) {
  EXPECT_THAT(risky(judge("v=DMARC1; p=reject; quarantine")), ElementsAre(HasSubstr("\"quarantine\" is no tag")));
  EXPECT_THAT(risky(judge("v=DMARC1; p=reject; p=none")), ElementsAre(HasSubstr("tag p is there twice")));
}

TEST(Dmarc, unknown_tags_and_those_of_the_successor_are_noted) {
  EXPECT_THAT(noted(judge(with_rua("v=DMARC1; p=reject; policy=x"))), ElementsAre(HasSubstr("Tag policy is unknown")));
  EXPECT_THAT(noted(judge(with_rua("v=DMARC1; p=reject; t=y; psd=n"))), ElementsAre(HasSubstr("t=y")));
  EXPECT_THAT(noted(judge(with_rua("v=DMARC1; p=reject; ri=daily"))), ElementsAre(HasSubstr("ri=daily")));
}

TEST(Dmarc, without_reports_is_noted) {
  EXPECT_THAT(noted(judge("v=DMARC1; p=reject")), ElementsAre(HasSubstr("Without rua")));
}

TEST(Dmarc, report_addresses_that_are_none_are_risky) {
  for (const char* uri : {"dmarc@example.com", "https://example.com/reports", "mailto:dmarc", "mailto:@example.com",
                          "mailto:a@localhost", "mailto:a@example.com!10x", "mailto:a@example.com!", ""}) {
    EXPECT_THAT(risky(judge("v=DMARC1; p=reject; rua=" + std::string(uri))),
                ElementsAre(HasSubstr("no reports are sent")))
        << uri;
  }
  for (const char* uri :
       {"mailto:a@example.com!1", "mailto:a@example.com!10k", "MAILTO:a@example.com!2G", "mailto:a@example.com?x"})
    EXPECT_THAT(judge("v=DMARC1; p=reject; rua=" + std::string(uri)).notes, IsEmpty()) << uri;
}

TEST(Dmarc, reports_to_others_need_their_consent) {
  const std::string record = "v=DMARC1; p=reject; rua=mailto:x@reports.example.net";
  const PolicyFacts refused = judge(record);
  EXPECT_THAT(risky(refused),
              ElementsAre(HasSubstr("publish v=DMARC1 at example.com._report._dmarc.reports.example.net")));
  EXPECT_EQ(is_valid(refused), true);
  Zone zone;
  zone.txt("_dmarc.example.com", record);
  EXPECT_THAT(judge(Zone(zone).txt("example.com._report._dmarc.reports.example.net", "v=DMARC1")).notes, IsEmpty());
  EXPECT_THAT(risky(judge(Zone(zone).txt("example.com._report._dmarc.reports.example.net", "yes"))).size(), 1U);
  EXPECT_THAT(judge(Zone(zone).fails("example.com._report._dmarc.reports.example.net", Ask::txt)).notes, IsEmpty())
      << "not known is not said";
}

TEST(Dmarc, consent_is_asked_for_the_domain_whose_record_it_is) {
  Zone zone;
  zone.txt("_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:x@example.net");
  zone.txt("example.com._report._dmarc.example.net", "v=DMARC1;");
  EXPECT_THAT(risky(judge(zone, "mail.example.com")), IsEmpty());
}

TEST(Dmarc, report_addresses_are_bounded) {
  std::string record = "v=DMARC1; p=reject; rua=mailto:a@example.com";
  for (std::size_t i = 0; i < 2 * kMaxReportAddresses; ++i) record += ",mailto:a@x" + std::to_string(i) + ".example";
  Zone zone;
  zone.txt("_dmarc.example.com", record);
  zone.settle([&](Answers& answers) { return judge_dmarc(name("example.com"), &dnsbl::registered_domain, answers); });
  EXPECT_EQ(zone.asked.size(), kMaxReportAddresses);
  EXPECT_THAT(noted(judge(record)), ElementsAre(HasSubstr("names 41 addresses")));
}

TEST(Dmarc, text_of_strangers_is_printable) {
  const PolicyFacts facts = judge("v=DMARC1; p=\x1b[2J; rua=mailto:\x01@\xff");
  for (const char c : all(facts) + facts.text) EXPECT_TRUE((c >= ' ' && c <= '~') || c == '\n');
}

}  // namespace
}  // namespace mxhealth::policy
