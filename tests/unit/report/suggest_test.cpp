// What is suggested, and that the whole of it can be pasted into a zone.
#include <gmock/gmock.h>

#include <sstream>

#include "policy/suggest.hpp"
#include "report/suggest_output.hpp"

namespace mxhealth::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kKey(64, 'a');
const std::string kOtherKey(64, 'b');

Observed usual() {
  Observed observed;
  observed.domain = *Name::parse("example.com");
  observed.mx_known = true;
  observed.hosts.push_back(
      {.name = *Name::parse("mx1.example.com"), .has_addresses = true, .is_secure = true, .keys = {kKey}});
  observed.now = "20261123013000";
  return observed;
}

std::string data_of(Topic topic, const Observed& observed) {
  const Suggestion suggestion = suggest(topic, observed);
  return suggestion.records.empty() ? "" : suggestion.records.front().data;
}

TEST(suggest, spf_is_soft_until_the_senders_are_configured) {
  Observed observed = usual();
  EXPECT_EQ(data_of(Topic::spf, observed), "\"v=spf1 mx ~all\"");
  observed.sending = {"192.0.2.10/32", "198.51.100.0/28", "2001:db8::/126"};
  EXPECT_EQ(data_of(Topic::spf, observed), "\"v=spf1 ip4:192.0.2.10 ip4:198.51.100.0/28 ip6:2001:db8::/126 mx -all\"");
}

TEST(suggest, spf_keeps_what_is_published) {
  Observed observed = usual();
  observed.spf = {"v=spf1 include:mail.example.net mx ?all"};
  EXPECT_EQ(data_of(Topic::spf, observed), "\"v=spf1 include:mail.example.net mx ~all\"");
  EXPECT_THAT(suggest(Topic::spf, observed).seen, Contains(HasSubstr("2 of at most 10 lookups")));
  observed.spf.emplace_back("v=spf1 -all");
  EXPECT_THAT(suggest(Topic::spf, observed).care, Contains(HasSubstr("There are 2 SPF records")));
}

TEST(suggest, a_broken_spf_record_is_not_kept) {
  Observed observed = usual();
  observed.spf = {"v=spf1 include:a.example ~al"};
  EXPECT_EQ(data_of(Topic::spf, observed), "\"v=spf1 mx ~all\"");
  EXPECT_THAT(suggest(Topic::spf, observed).care, Contains(HasSubstr("The record of now is broken")));
}

TEST(suggest, spf_of_a_domain_without_mail_refuses_all) {
  Observed observed = usual();
  observed.null_mx = true;
  observed.hosts.clear();
  EXPECT_EQ(data_of(Topic::spf, observed), "\"v=spf1 -all\"");
  EXPECT_EQ(data_of(Topic::dmarc, observed), "\"v=DMARC1; p=reject\"");
}

TEST(suggest, more_than_ten_lookups_are_told) {
  Observed observed = usual();
  observed.spf = {"v=spf1"};
  for (char c = 'a'; c <= 'j'; ++c) observed.spf.front() += std::string(" include:") + c + ".example";
  EXPECT_THAT(suggest(Topic::spf, observed).care, Contains(HasSubstr("More than ten lookups")));
  observed.spf.front() = observed.spf.front().substr(0, observed.spf.front().rfind(' '));
  EXPECT_THAT(suggest(Topic::spf, observed).care, Not(Contains(HasSubstr("More than ten lookups"))));
}

TEST(suggest, dmarc_watches_first) {
  const Suggestion suggestion = suggest(Topic::dmarc, usual());
  ASSERT_EQ(suggestion.records.size(), 1U);
  EXPECT_EQ(suggestion.records.front().owner, "_dmarc.example.com.");
  EXPECT_EQ(suggestion.records.front().data, "\"v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com\"");
  EXPECT_THAT(suggestion.care, Contains(HasSubstr("example.com._report._dmarc.OTHER.DOMAIN")));
}

TEST(suggest, mta_sts_tests_first_and_names_every_host) {
  Observed observed = usual();
  observed.hosts.push_back({.name = *Name::parse("mx2.example.com")});
  const Suggestion suggestion = suggest(Topic::mta_sts, observed);
  ASSERT_EQ(suggestion.files.size(), 1U);
  EXPECT_THAT(suggestion.files.front().lines, ElementsAre("version: STSv1", "mode: testing", "mx: mx1.example.com",
                                                          "mx: mx2.example.com", "max_age: 86400"));
  EXPECT_EQ(suggestion.files.front().url, "https://mta-sts.example.com/.well-known/mta-sts.txt");
  EXPECT_EQ(suggestion.records.front().data, "\"v=STSv1; id=20261123013000\"");
}

TEST(suggest, without_mail_hosts_there_is_no_mta_sts) {
  Observed observed = usual();
  observed.hosts.clear();
  EXPECT_THAT(suggest(Topic::mta_sts, observed).records, IsEmpty());
  EXPECT_THAT(suggest(Topic::mta_sts, observed).files, IsEmpty());
}

TEST(suggest, tlsa_is_of_the_served_keys) {
  Observed observed = usual();
  observed.hosts.front().published_tlsa = {"3 1 1 " + kOtherKey};
  const Suggestion suggestion = suggest(Topic::tlsa, observed);
  ASSERT_EQ(suggestion.records.size(), 1U);
  EXPECT_EQ(suggestion.records.front().owner, "_25._tcp.mx1.example.com.");
  EXPECT_EQ(suggestion.records.front().data, "3 1 1 " + kKey);
  EXPECT_THAT(suggestion.care, Contains(HasSubstr("is no key that is served")));
  EXPECT_THAT(suggestion.care, Not(Contains(HasSubstr("no AD bit"))));
}

TEST(suggest, tlsa_in_an_unsigned_zone_is_told_to_be_useless) {
  Observed observed = usual();
  observed.hosts.front().is_secure = false;
  observed.hosts.front().keys.push_back(kOtherKey);
  const Suggestion suggestion = suggest(Topic::tlsa, observed);
  EXPECT_EQ(suggestion.records.size(), 2U);
  EXPECT_THAT(suggestion.care, Contains(HasSubstr("no AD bit")));
  EXPECT_THAT(suggestion.care, Contains(HasSubstr("different keys")));
}

TEST(suggest, no_key_no_tlsa) {
  Observed observed = usual();
  observed.hosts.front().keys.clear();
  observed.hosts.front().silent = {"192.0.2.25: no answer in time"};
  const Suggestion suggestion = suggest(Topic::tlsa, observed);
  EXPECT_THAT(suggestion.records, IsEmpty());
  EXPECT_THAT(suggestion.care, Contains(HasSubstr("192.0.2.25: no answer in time")));
}

TEST(suggest, a_null_mx_is_for_domains_without_mail_only) {
  Observed observed = usual();
  EXPECT_EQ(data_of(Topic::null_mx, observed), "");
  observed.hosts.clear();
  observed.implicit_mx = true;
  EXPECT_EQ(data_of(Topic::null_mx, observed), "0 .");
  observed.mx_known = false;
  EXPECT_EQ(data_of(Topic::null_mx, observed), "");
}

TEST(suggest, long_texts_are_several_strings) {
  EXPECT_EQ(quoted_strings(std::string(255, 'x')), "\"" + std::string(255, 'x') + "\"");
  EXPECT_EQ(quoted_strings(std::string(256, 'x')), "\"" + std::string(255, 'x') + "\" \"x\"");
  EXPECT_EQ(quoted_strings("a\"b\\"), "\"a\\\"b\\\\\"");
}

TEST(suggest, all_but_the_records_is_comment) {
  Observed observed = usual();
  observed.spf = {"v=spf1 include:a.\x1b[31mexample\nevil. IN A 192.0.2.66"};
  observed.sts = observed.dmarc = observed.tls_rpt = {"x\r\nevil. IN A 192.0.2.66\x1b[31m"};
  observed.hosts.front().published_tlsa = {"3 1 1 x\nevil. IN A 192.0.2.66"};
  for (std::size_t i = 0; i < kTopicLabels.size(); ++i) {
    const auto topic = static_cast<Topic>(i);
    const Suggestion suggestion = suggest(topic, observed);
    std::istringstream lines(report::zone_text_of(suggestion, topic, observed.domain));
    std::size_t records = 0;
    for (std::string line; std::getline(lines, line);) {
      EXPECT_EQ(line.find_first_of("\r\x1b"), line.npos);
      if (line.starts_with(";")) continue;
      ++records;
      EXPECT_THAT(line, testing::MatchesRegex("[-a-z0-9._]+ IN (TXT|MX|TLSA) .+")) << line;
      EXPECT_FALSE(line.starts_with("evil"));
    }
    EXPECT_EQ(records, suggestion.records.size());
    EXPECT_THAT(report::json_of(suggestion, topic, observed.domain), HasSubstr("\"records\":["));
  }
}

TEST(suggest, every_part_has_its_reason) {
  for (const Topic topic : {Topic::spf, Topic::dmarc, Topic::mta_sts, Topic::tls_rpt, Topic::tlsa}) {
    const Suggestion suggestion = suggest(topic, usual());
    ASSERT_FALSE(suggestion.records.empty());
    EXPECT_FALSE(suggestion.records.front().reasons.empty());
    EXPECT_FALSE(suggestion.care.empty() && topic != Topic::spf);
  }
}

}  // namespace
}  // namespace mxhealth::policy
