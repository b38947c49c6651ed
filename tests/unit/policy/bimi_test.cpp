#include "policy/bimi.hpp"

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
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kGood = "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/mark.pem";

PolicyFacts judge(Zone zone, std::string_view domain = "example.com") {
  return *zone.settle([&](Answers& answers) { return judge_bimi(name(domain), &dnsbl::registered_domain, answers); });
}
PolicyFacts judge(const std::string& record, const std::string& dmarc = "v=DMARC1; p=reject") {
  return judge(Zone().txt("default._bimi.example.com", record).txt("_dmarc.example.com", dmarc));
}

TEST(Bimi, good_record_under_a_strict_policy_is_valid) {
  const PolicyFacts facts = judge(kGood);
  EXPECT_THAT(facts.notes, IsEmpty()) << all(facts);
  EXPECT_EQ(facts.mode, "present");
  EXPECT_EQ(is_valid(facts), true);
  Zone organization;
  organization.txt("default._bimi.example.com", kGood).txt("_dmarc.example.com", "v=DMARC1; p=quarantine");
  EXPECT_EQ(is_valid(judge(organization, "news.example.com")), true);
}

TEST(Bimi, not_there_is_nothing_and_not_known_neither) {
  EXPECT_THAT(judge(Zone()).notes, IsEmpty());
  EXPECT_FALSE(judge(Zone()).present);
  EXPECT_FALSE(judge(Zone().fails("default._bimi.example.com", Ask::txt)).looked_up);
  EXPECT_FALSE(judge(Zone().txt("default._bimi.example.com", kGood).fails("_dmarc.example.com", Ask::txt)).looked_up);
}

TEST(Bimi, needs_a_policy_that_protects) {
  EXPECT_THAT(broken(judge(kGood, "v=DMARC1; p=none")), ElementsAre(HasSubstr("has p=none")));
  EXPECT_THAT(broken(judge(Zone().txt("default._bimi.example.com", kGood))),
              ElementsAre(HasSubstr("none that can be used")));
  EXPECT_THAT(broken(judge(kGood, "v=DMARC1; p=quarantine; pct=50")), ElementsAre(HasSubstr("pct=50")));
  EXPECT_THAT(broken(judge(kGood, "v=DMARC1; p=reject; sp=none")), ElementsAre(HasSubstr("sp=none")));
}

TEST(Bimi, logo_and_certificate_come_by_https) {
  EXPECT_THAT(broken(judge("v=BIMI1; l=http://example.com/logo.svg")), ElementsAre(HasSubstr("no https address")));
  EXPECT_THAT(broken(judge("v=BIMI1; l=https:///logo.svg")), ElementsAre(HasSubstr("no https address")));
  EXPECT_THAT(broken(judge("v=BIMI1; a=https://example.com/a.pem")), ElementsAre(HasSubstr("l is missing")));
  EXPECT_THAT(broken(judge("v=BIMI1; l=https://e.example/l.svg; a=ftp://e.example/a")),
              ElementsAre(HasSubstr("a=ftp")));
  EXPECT_THAT(risky(judge("v=BIMI1; l=https://example.com/logo.png; a=https://e.example/a.pem")),
              ElementsAre(HasSubstr("does not end in .svg")));
  EXPECT_THAT(noted(judge("v=BIMI1; l=https://example.com/logo.svg")), ElementsAre(HasSubstr("mark certificate")));
  EXPECT_THAT(noted(judge("v=BIMI1; l=; a=")), ElementsAre(HasSubstr("declines")));
}

TEST(Bimi, records_that_clients_do_not_read_are_broken) {
  EXPECT_THAT(broken(judge("v=bimi1; l=https://example.com/logo.svg")),
              ElementsAre(HasSubstr("must begin with v=BIMI1")));
  EXPECT_THAT(broken(judge(Zone()
                               .txt("default._bimi.example.com", kGood)
                               .txt("default._bimi.example.com", kGood)
                               .txt("_dmarc.example.com", "v=DMARC1; p=reject"))),
              ElementsAre(HasSubstr("2 BIMI records")));
  EXPECT_THAT(broken(judge(std::string(kGood) + "; l=https://example.com/x.svg")),
              ElementsAre(HasSubstr("l is there twice")));
}

}  // namespace
}  // namespace mxhealth::policy
