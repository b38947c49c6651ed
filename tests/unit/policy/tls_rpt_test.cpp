#include "policy/tls_rpt.hpp"

#include <gtest/gtest.h>

namespace mxhealth::policy {
namespace {

const DomainName kDomain = Name::parse("example.com").value();

PolicyFacts judge(std::vector<std::string> texts) { return judge_tls_rpt(texts, kDomain); }
std::string gravest(const PolicyFacts& facts) { return facts.notes.empty() ? "" : facts.notes.front().sentence; }

TEST(TlsRpt, of_the_right_form_is_valid) {
  for (const std::string text :
       {"v=TLSRPTv1;rua=mailto:reports@example.com", "v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt;",
        "v=TLSRPTv1; rua=mailto:a@example.com,https://r.example.com:8443/x?y=1",
        "v=TLSRPTv1;ext=1;rua=MAILTO:a@example.org",
        "v=TLSRPTv1; rua=mailto:a@example.com , mailto:b@example.net?subject=x"}) {
    const PolicyFacts facts = judge({"hello", text});
    EXPECT_EQ(is_valid(facts), true) << text << " -> " << gravest(facts);
    EXPECT_TRUE(facts.notes.empty()) << gravest(facts);
    EXPECT_EQ(facts.mode, "present");
    EXPECT_EQ(facts.text, text);
  }
}

TEST(TlsRpt, without_a_record_nothing_is_said) {
  for (const std::vector<std::string>& texts : {std::vector<std::string>{}, {"v=spf1 -all"}, {"v=TLSRPTv10; rua=x"}}) {
    const PolicyFacts facts = judge(texts);
    EXPECT_TRUE(facts.looked_up);
    EXPECT_FALSE(facts.present);
    EXPECT_EQ(is_valid(facts), std::nullopt);
    EXPECT_EQ(facts.mode, "");
    EXPECT_TRUE(facts.notes.empty());
  }
}

TEST(TlsRpt, what_senders_cannot_use_is_told_by_its_fault) {
  struct Case {
    std::string text;
    std::string_view words;
  };
  const std::vector<Case> cases{
      {"v=TLSRPTv1", "has no rua"},
      {"v=TLSRPTv1;", "has no rua"},
      {"v=TLSRPTv1; RUA=mailto:a@example.com", "has no rua"},
      {"v=TLSRPTv1; rua=", "is empty"},
      {"v=TLSRPTv1; rua=mailto:a@example.com,", "is empty"},
      {"v=TLSRPTv1; rua=a@example.com", "neither mailto: nor https:"},
      {"v=TLSRPTv1; rua=http://r.example.com/", "neither mailto: nor https:"},
      {"v=TLSRPTv1; rua=mailto", "neither mailto: nor https:"},
      {"v=TLSRPTv1; rua=mailto:", "no local part"},
      {"v=TLSRPTv1; rua=mailto:@example.com", "no local part"},
      {"v=TLSRPTv1; rua=mailto:a@localhost", "no domain"},
      {"v=TLSRPTv1; rua=mailto:a@", "no domain"},
      {"v=TLSRPTv1; rua=mailto:a b@example.com", "blanks"},
      {"v=TLSRPTv1; rua=mailto:a@example.com!10m", "%21"},
      {"v=TLSRPTv1; rua=https:example.com", "has no host"},
      {"v=TLSRPTv1; rua=https:///x", "has no host"},
      {"v=TLSRPTv1; rua=mailto:a@example.com; nonsense", "not name=value"},
      {"v=tlsrptv1; rua=mailto:a@example.com", "does not begin with exactly"},
      {" v=TLSRPTv1; rua=mailto:a@example.com", "does not begin with exactly"},
  };
  for (const Case& one : cases) {
    const PolicyFacts facts = judge({one.text});
    EXPECT_EQ(is_valid(facts), false) << one.text;
    EXPECT_NE(gravest(facts).find(one.words), std::string::npos) << one.text << " -> " << gravest(facts);
  }
}

TEST(TlsRpt, two_records_are_none) {
  const PolicyFacts facts = judge({"v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"});
  EXPECT_EQ(is_valid(facts), false);
  EXPECT_NE(gravest(facts).find("2 TXT records"), std::string::npos);
}

TEST(TlsRpt, a_second_rua_is_risky) {
  const PolicyFacts facts = judge({"v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com"});
  EXPECT_EQ(is_valid(facts), true);
  EXPECT_NE(gravest(facts).find("two fields rua"), std::string::npos);
}

TEST(TlsRpt, is_bounded_in_addresses_and_their_length) {
  std::string text = "v=TLSRPTv1; rua=mailto:a@example.com";
  for (std::size_t i = 1; i < kMaxReportAddresses; ++i) text += ",mailto:a@example.com";
  EXPECT_TRUE(judge({text}).notes.empty());
  EXPECT_NE(gravest(judge({text + ",mailto:a@example.com"})).find("more than 20"), std::string::npos);

  const std::string domain = "@example.com";
  const std::string most = "mailto:" + std::string(kMaxReportAddress - 7 - domain.size(), 'a') + domain;
  EXPECT_TRUE(judge({"v=TLSRPTv1; rua=" + most}).notes.empty());
  EXPECT_NE(gravest(judge({"v=TLSRPTv1; rua=mailto:a" + most.substr(7)})).find("longer than 1024"), std::string::npos);
}

}  // namespace
}  // namespace mxhealth::policy
