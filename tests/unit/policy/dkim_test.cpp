#include "policy/dkim_key.hpp"
#include "policy/facts.hpp"
#include "policy/judge_dkim.hpp"
#include "policy/keys.hpp"
#include "policy/tag_list.hpp"
#include "policy/zone.hpp"

namespace mxhealth::policy {
namespace {

using test::all;
using test::broken;
using test::ed25519;
using test::noted;
using test::risky;
using test::rsa;
using test::Zone;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Name kDomain = test::name("example.com");
using Selectors = std::vector<std::string>;

PolicyFacts judge(Zone zone, const Selectors& selectors) {
  return *zone.settle([&](Answers& answers) { return judge_dkim(kDomain, selectors, answers); });
}
PolicyFacts judge(const std::string& record) {
  return judge(Zone().txt("s1._domainkey.example.com", record), Selectors{"s1"});
}

TEST(Dkim, key_of_2048_bits_is_fine) {
  const std::string record = "v=DKIM1; k=rsa; t=s; p=" + rsa(2048);
  const PolicyFacts facts = judge(record);
  EXPECT_THAT(facts.notes, IsEmpty()) << all(facts);
  EXPECT_EQ(is_valid(facts), true);
  EXPECT_EQ(facts.mode, "ok");
  EXPECT_EQ(facts.text, "s1: " + record);
}

TEST(Dkim, key_may_do_without_version_and_kind) {
  EXPECT_THAT(judge("p=" + rsa(2048)).notes, IsEmpty());
  EXPECT_THAT(judge("p=" + rsa(2048) + ";").notes, IsEmpty());
  EXPECT_THAT(judge("n=a note; p=" + rsa(2048) + "; x=unknown").notes, IsEmpty());
}

TEST(Dkim, key_is_read_in_both_forms_and_with_white_space) {
  EXPECT_EQ(rsa_bits(test::rsa_key_info(2048)), 2048U);
  EXPECT_EQ(rsa_bits(test::rsa_public_key(1536)), 1536U);
  EXPECT_EQ(rsa_bits(test::rsa_key_info(2048) + "x"), std::nullopt);
  EXPECT_EQ(rsa_bits(""), std::nullopt);
  std::string folded = rsa(2048);
  folded.insert(100, " \t ").insert(60, " ");
  EXPECT_THAT(judge("v = DKIM1 ; p = " + folded).notes, IsEmpty());
}

TEST(Dkim, key_below_1024_bits_is_broken_and_below_2048_risky) {
  EXPECT_THAT(broken(judge("p=" + rsa(512))), ElementsAre(HasSubstr("512 bits")));
  EXPECT_THAT(broken(judge("p=" + rsa(1016))), ElementsAre(HasSubstr("1016 bits")));
  EXPECT_THAT(broken(judge("p=" + rsa(1024))), IsEmpty());
  EXPECT_THAT(risky(judge("p=" + rsa(1024))), ElementsAre(HasSubstr("1024 bits, which is little")));
  EXPECT_THAT(risky(judge("p=" + rsa(2040))), ElementsAre(HasSubstr("2040 bits, which is little")));
  EXPECT_THAT(judge("p=" + rsa(4096)).notes, IsEmpty());
  EXPECT_THAT(risky(judge("p=" + rsa(4104))), ElementsAre(HasSubstr("need not take more than 4096")));
}

TEST(Dkim, key_that_is_revoked_is_broken_and_says_so) {
  const PolicyFacts facts = judge("v=DKIM1; k=rsa; p=");
  EXPECT_THAT(broken(facts), ElementsAre(HasSubstr("Selector s1: the key is revoked")));
  EXPECT_EQ(facts.mode, "revoked");
  EXPECT_EQ(is_valid(facts), false);
}

TEST(Dkim, key_that_is_not_there_is_broken_for_who_configured_it) {
  const PolicyFacts facts = judge(Zone(), {"s1"});
  EXPECT_THAT(broken(facts), ElementsAre(HasSubstr("there is no key at s1._domainkey.example.com")));
  EXPECT_EQ(is_valid(facts), false);
  EXPECT_EQ(facts.mode, "");
  EXPECT_EQ(is_valid(judge(Zone(), {})), std::nullopt);
}

TEST(Dkim, key_that_cannot_be_looked_up_says_nothing) {
  Zone zone;
  zone.txt("s1._domainkey.example.com", "p=").fails("s2._domainkey.example.com", Ask::txt);
  const PolicyFacts facts = judge(zone, {"s1", "s2"});
  EXPECT_FALSE(facts.looked_up);
  EXPECT_THAT(facts.notes[0].sentence, HasSubstr("s2._domainkey.example.com cannot be looked up now (SERVFAIL)"));
}

TEST(Dkim, two_records_at_one_selector_are_broken) {
  Zone zone;
  zone.txt("s1._domainkey.example.com", "p=" + rsa(2048)).txt("s1._domainkey.example.com", "p=");
  EXPECT_THAT(broken(judge(zone, {"s1"})), ElementsAre(HasSubstr("2 records")));
}

TEST(Dkim, testing_is_risky_and_a_mode) {
  const PolicyFacts facts = judge("v=DKIM1; t=s:y; p=" + rsa(2048));
  EXPECT_EQ(facts.mode, "testing");
  EXPECT_THAT(risky(facts), ElementsAre(HasSubstr("t=y")));
  EXPECT_EQ(is_valid(facts), true);
}

TEST(Dkim, digests_without_sha256_are_broken) {
  EXPECT_THAT(broken(judge("h=sha1; p=" + rsa(2048))), ElementsAre(HasSubstr("leaves out sha256")));
  EXPECT_THAT(judge("h=sha1:sha256; p=" + rsa(2048)).notes, IsEmpty());
}

TEST(Dkim, keys_for_other_services_are_broken) {
  EXPECT_THAT(broken(judge("s=tlsrpt; p=" + rsa(2048))), ElementsAre(HasSubstr("not for mail")));
  EXPECT_THAT(judge("s=tlsrpt:email; p=" + rsa(2048)).notes, IsEmpty());
  EXPECT_THAT(judge("s=*; p=" + rsa(2048)).notes, IsEmpty());
}

TEST(Dkim, versions_and_kinds_that_verifiers_do_not_know_are_broken) {
  EXPECT_THAT(broken(judge("v=DKIM2; p=" + rsa(2048))), ElementsAre(HasSubstr("v=DKIM2 is not DKIM1")));
  EXPECT_THAT(broken(judge("v=dkim1; p=" + rsa(2048))), ElementsAre(HasSubstr("v=dkim1 is not DKIM1")));
  EXPECT_THAT(broken(judge("k=rsa; v=DKIM1; p=" + rsa(2048))), ElementsAre(HasSubstr("not the first tag")));
  EXPECT_THAT(broken(judge("k=dsa; p=" + rsa(2048))), ElementsAre(HasSubstr("k=dsa")));
}

TEST(Dkim, damaged_keys_are_told_apart) {
  std::string cut = rsa(2048);
  cut.resize(cut.size() - 40);
  EXPECT_THAT(broken(judge("p=" + cut)), ElementsAre(HasSubstr("holds no RSA key")));
  EXPECT_THAT(broken(judge("p=\"" + rsa(2048))), ElementsAre(HasSubstr("not base64")));
  EXPECT_THAT(broken(judge("p=" + rsa(2048) + "=")), ElementsAre(HasSubstr("not base64")));
  EXPECT_THAT(broken(judge("v=DKIM1; k=rsa")), ElementsAre(HasSubstr("no p")));
  EXPECT_THAT(broken(judge("v=DKIM1; k=rsa; k=rsa; p=" + rsa(2048))), ElementsAre(HasSubstr("tag k is there twice")));
  EXPECT_THAT(broken(judge("v=DKIM1 k=rsa; p=" + rsa(2048))), ElementsAre(HasSubstr("v=DKIM1 k=rsa is not DKIM1")));
  EXPECT_THAT(broken(judge("v=DKIM1; rsa; p=" + rsa(2048))), ElementsAre(HasSubstr("\"rsa\" is no tag")));
}

TEST(Dkim, ed25519_is_a_raw_key_that_wants_an_rsa_key_beside_it) {
  const PolicyFacts alone = judge("v=DKIM1; k=ed25519; p=" + ed25519());
  EXPECT_THAT(risky(alone), ElementsAre(HasSubstr("sign with an RSA key")));
  EXPECT_EQ(alone.mode, "ok");
  EXPECT_THAT(broken(judge("k=ed25519; p=" + rsa(2048))), ElementsAre(HasSubstr("an ed25519 key has 32")));
  EXPECT_THAT(broken(judge("k=rsa; p=" + ed25519())), ElementsAre(HasSubstr("holds no RSA key")));
  Zone zone;
  zone.txt("e._domainkey.example.com", "k=ed25519; p=" + ed25519()).txt("r._domainkey.example.com", "p=" + rsa(2048));
  EXPECT_THAT(judge(zone, {"e", "r"}).notes, IsEmpty());
}

TEST(Dkim, records_beyond_the_bounds_are_broken) {
  EXPECT_THAT(broken(judge("n=" + std::string(kMaxTagRecord, 'x') + "; p=" + rsa(2048))),
              testing::Contains(HasSubstr("longer than 8192 octets")));
  std::string many;
  for (std::size_t i = 0; i <= kMaxTags; ++i) many += "x" + std::to_string(i) + "=1;";
  EXPECT_THAT(broken(judge(many)), testing::Contains(HasSubstr("more than 64 tags")));
  Selectors selectors;
  for (int i = 0; i < 50; ++i) selectors.push_back("s" + std::to_string(i));
  EXPECT_EQ(judge(Zone(), selectors).notes.size(), kMaxPolicyNotes);
}

}  // namespace
}  // namespace mxhealth::policy
