#include "dns/answer.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace mxhealth::dns {
namespace {

using std::chrono::seconds;

const Question kAsked{*Name::parse("mail.example"), Type::mx};

Record mx(std::string owner, std::uint32_t ttl, std::string exchange) {
  return {std::move(owner), Type::mx, ttl, MxData{10, std::move(exchange)}};
}
Record alias(std::string owner, std::uint32_t ttl, std::string target) {
  return {std::move(owner), Type::cname, ttl, NameData{std::move(target)}};
}
Record soa(std::string owner, std::uint32_t ttl, std::uint32_t minimum) {
  return {std::move(owner), Type::soa, ttl, SoaData{"ns.example", "hostmaster.example", 1, minimum}};
}
Message message(std::uint16_t rcode, std::vector<Record> answers, std::vector<Record> authority = {}) {
  Message m;
  m.rcode = rcode;
  m.answers = std::move(answers);
  m.authority = std::move(authority);
  return m;
}
// mail.example -> h1 -> ... -> h<hops>, which has an MX.
Message chain(std::size_t hops) {
  Message m;
  std::string owner = "mail.example";
  for (std::size_t i = 1; i <= hops; ++i) {
    const std::string target = "h" + std::to_string(i) + ".example";
    m.answers.push_back(alias(owner, 100, target));
    owner = target;
  }
  m.answers.push_back(mx(owner, 100, "mx.example"));
  return m;
}

TEST(DnsAnswer, takes_the_records_of_the_name_and_the_least_ttl) {
  const Answer a =
      select(kAsked, message(0, {mx("mail.example", 300, "a"), mx("mail.example", 200, "b"), mx("other", 1, "c")}));
  EXPECT_EQ(a.end, LookupEnd::records);
  EXPECT_EQ(a.records.size(), 2U);
  EXPECT_EQ(a.ttl, seconds(200));
  EXPECT_EQ(a.cname_hops, 0);
}

TEST(DnsAnswer, ad_is_kept_for_answers_and_negative_answers) {
  Message m = message(0, {mx("mail.example", 1, "a")});
  m.authenticated = true;
  EXPECT_TRUE(select(kAsked, m).authenticated);
  m = message(kNameError, {});
  m.authenticated = true;
  EXPECT_TRUE(select(kAsked, m).authenticated);
  m = message(kServerFailure, {});
  m.authenticated = true;
  EXPECT_FALSE(select(kAsked, m).authenticated);
}

TEST(DnsAnswer, rcodes_become_ends) {
  EXPECT_EQ(select(kAsked, message(kNameError, {})).end, LookupEnd::nxdomain);
  EXPECT_EQ(select(kAsked, message(kServerFailure, {})).end, LookupEnd::servfail);
  EXPECT_EQ(select(kAsked, message(kRefused, {})).end, LookupEnd::refused);
  EXPECT_EQ(select(kAsked, message(kFormatError, {})).end, LookupEnd::servfail);
  EXPECT_EQ(select(kAsked, message(4, {})).end, LookupEnd::servfail);
  EXPECT_EQ(select(kAsked, message(16, {})).end, LookupEnd::servfail);
}

TEST(DnsAnswer, follows_one_and_ten_aliases) {
  for (const std::size_t hops : {std::size_t{1}, kMaxCnameHops}) {
    const Answer a = select(kAsked, chain(hops));
    EXPECT_EQ(a.end, LookupEnd::records) << hops;
    EXPECT_EQ(a.cname_hops, hops);
    EXPECT_EQ(a.records.size(), 1U);
  }
}

TEST(DnsAnswer, eleven_aliases_or_a_loop_are_malformed) {
  EXPECT_EQ(select(kAsked, chain(kMaxCnameHops + 1)).end, LookupEnd::malformed);
  const auto loop = message(0, {alias("mail.example", 9, "b.example"), alias("b.example", 9, "mail.example")});
  EXPECT_EQ(select(kAsked, loop).end, LookupEnd::malformed);
  EXPECT_EQ(select(kAsked, message(0, {alias("mail.example", 9, "mail.example")})).end, LookupEnd::malformed);
}

TEST(DnsAnswer, order_of_the_chain_does_not_matter) {
  Message m = chain(3);
  std::swap(m.answers.front(), m.answers.back());
  EXPECT_EQ(select(kAsked, m).end, LookupEnd::records);
}

TEST(DnsAnswer, a_short_lived_alias_shortens_the_answer) {
  const auto m = message(0, {alias("mail.example", 7, "b.example"), mx("b.example", 300, "a")});
  EXPECT_EQ(select(kAsked, m).ttl, seconds(7));
}

TEST(DnsAnswer, a_question_for_an_alias_is_answered_by_it) {
  const Question cname{kAsked.name, Type::cname};
  const Answer a = select(cname, message(0, {alias("mail.example", 7, "b.example")}));
  EXPECT_EQ(a.end, LookupEnd::records);
  EXPECT_EQ(a.cname_hops, 0);
}

TEST(DnsAnswer, negative_ttl_is_the_lesser_of_soa_ttl_and_minimum) {
  EXPECT_EQ(select(kAsked, message(kNameError, {}, {soa("example", 900, 60)})).ttl, seconds(60));
  EXPECT_EQ(select(kAsked, message(kNameError, {}, {soa("example", 30, 60)})).ttl, seconds(30));
  EXPECT_EQ(select(kAsked, message(0, {}, {soa("mail.example", 900, 60)})).ttl, seconds(60));
  EXPECT_EQ(select(kAsked, message(0, {}, {soa(".", 900, 50)})).ttl, seconds(50));
}

TEST(DnsAnswer, a_foreign_or_missing_soa_gives_no_ttl) {
  const Answer foreign = select(kAsked, message(0, {}, {soa("ample", 900, 60)}));
  EXPECT_EQ(foreign.end, LookupEnd::no_data);
  EXPECT_EQ(foreign.ttl, seconds(0));
  EXPECT_EQ(select(kAsked, message(kNameError, {})).ttl, seconds(0));
}

TEST(DnsAnswer, nxdomain_of_an_alias_target_is_nxdomain) {
  const Answer a = select(kAsked, message(kNameError, {alias("mail.example", 7, "b.test")}, {soa("test", 900, 60)}));
  EXPECT_EQ(a.end, LookupEnd::nxdomain);
  EXPECT_EQ(a.ttl, seconds(7));
  EXPECT_EQ(a.cname_hops, 1);
  EXPECT_FALSE(a.continues_at);
}

TEST(DnsAnswer, an_alias_alone_continues_at_its_target) {
  const Answer a = select(kAsked, message(0, {alias("mail.example", 7, "b.test")}));
  ASSERT_TRUE(a.continues_at);
  EXPECT_EQ(a.continues_at->view(), "b.test");
  const Answer nodata = select(kAsked, message(0, {alias("mail.example", 7, "b.test")}, {soa("test", 900, 60)}));
  EXPECT_FALSE(nodata.continues_at);
  EXPECT_EQ(nodata.end, LookupEnd::no_data);
  const Answer strange = select(kAsked, message(0, {alias("mail.example", 7, "b\\032.test")}));
  EXPECT_FALSE(strange.continues_at);
}

TEST(DnsAnswer, joining_adds_hops_and_takes_the_lesser_of_everything) {
  Answer first = select(kAsked, message(0, {alias("mail.example", 7, "b.test")}));
  first.authenticated = true;
  Answer rest = select({*Name::parse("b.test"), Type::mx}, message(0, {mx("b.test", 300, "a")}));
  const Answer whole = join(first, rest);
  EXPECT_EQ(whole.end, LookupEnd::records);
  EXPECT_EQ(whole.cname_hops, 1);
  EXPECT_EQ(whole.ttl, seconds(7));
  EXPECT_FALSE(whole.authenticated);
  rest.cname_hops = kMaxCnameHops;
  EXPECT_EQ(join(first, rest).end, LookupEnd::malformed);
  rest.end = LookupEnd::servfail;
  EXPECT_EQ(join(first, rest).end, LookupEnd::servfail);
}

TEST(DnsAnswer, a_bigger_answer_counts_more_octets) {
  const Answer small = select(kAsked, message(0, {mx("mail.example", 300, "a")}));
  const Answer big = select(kAsked, message(0, {mx("mail.example", 300, std::string(5000, 'a'))}));
  EXPECT_GT(octets(big), octets(small) + 4000);
}

}  // namespace
}  // namespace mxhealth::dns
