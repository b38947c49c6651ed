// Longer than other files: the cases follow RFC 7208 section by section, as receivers' own test-suites do.
#include "policy/spf_check.hpp"

#include "policy/zone.hpp"

namespace mxhealth::policy {
namespace {

using test::address;
using test::Zone;

/// One case: the record of example.com (or what the zone says), who sends, and what comes of it.
struct Case {
  const char* says;
  const char* record;
  const char* result;
  const char* ip = "192.0.2.10";
  const char* sender = "strong-bad@email.example.com";
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.says; }

SpfOutcome check(Zone& zone, std::string_view ip, std::string domain, std::string sender = {}) {
  SpfQuery query{address(ip), std::move(domain), std::move(sender), "mail.client.example", "mx.receiver.example", {}};
  query.now = std::chrono::seconds(1700000000);
  return *zone.settle([&](Answers& answers) { return check_host(query, answers); });
}

/// The world around example.com.
Zone world() {
  Zone zone;
  zone.a("example.com", {"192.0.2.10", "2001:db8::10"});
  zone.a("other.example.com", {"192.0.2.20"}).a("near.example.com", {"192.0.2.65", "2001:db8:1::1"});
  zone.a("v4.example.com", {"192.0.2.10"}).a("v6.example.com", {"2001:db8::10"});
  zone.mx("mxer.example.com", {"mx1.example.com", "mx2.example.com"}).mx("nullmx.example.com", {"."});
  zone.a("mx1.example.com", {"198.51.100.1"}).a("mx2.example.com", {"192.0.2.10", "2001:db8::10"});
  zone.mx("deadmx.example.com", {"servfail.example.com"}).a("only.example.com", {"192.0.2.10"});
  zone.fails("servfail.example.com", Ask::a).fails("servfail.example.com", Ask::txt, LookupEnd::timed_out);
  zone.fails("servfail.example.com", Ask::mx, LookupEnd::malformed);
  zone.txt("passes.example.com", "v=spf1 ip4:192.0.2.10 -all").txt("fails.example.com", "v=spf1 -all");
  zone.txt("soft.example.com", "v=spf1 ~all")
      .txt("unsure.example.com", "v=spf1 ?all")
      .txt("empty.example.com", "v=spf1");
  zone.txt("wrong.example.com", "v=spf1 nonsense -all").txt("text.example.com", "no record of that kind");
  zone.txt("asks-dead.example.com", "v=spf1 a:servfail.example.com -all");
  zone.txt("two.example.com", "v=spf1 +all").txt("two.example.com", "v=spf1 -all");
  zone.ptr("10.2.0.192.in-addr.arpa", {"liar.example.com", "mail.example.com", "mail.client.example"});
  zone.a("mail.example.com", {"192.0.2.10"})
      .a("mail.client.example", {"192.0.2.10"})
      .a("liar.example.com", {"10.0.0.1"});
  zone.ptr("20.2.0.192.in-addr.arpa", {"servfail.example.com"});
  zone.a("192.0.2.10.listed.example.com", {"127.0.0.2"});
  zone.txt("why.example.com", "%{i} is not one of %{d}'s, says %{r}; see http://example.com/?s=%{S}&t=%{t}");
  zone.txt("whys.example.com", "one").txt("whys.example.com", "two").txt("badwhy.example.com", "%{x} is wrong");
  return zone;
}

class SpfCheck : public testing::TestWithParam<Case> {};

TEST_P(SpfCheck, says) {
  const Case& one = GetParam();
  Zone zone = world();
  if (*one.record != '\0') zone.txt("example.com", one.record);
  const SpfOutcome outcome = check(zone, one.ip, "example.com", one.sender);
  EXPECT_EQ(label(outcome.result), one.result) << one.says << ": " << outcome.why;
}

constexpr Case kRecordLookup[] = {
    {"no record at all", "", "none"},
    {"a record of another kind", "v=spf2.0/pra +all", "none"},
    {"a version that only begins the same", "v=spf10 +all", "none"},
    {"the version in capitals", "V=SPF1 +all", "pass"},
    {"the version alone", "v=spf1", "neutral"},
    {"a version with a trailing space", "v=spf1 ", "neutral"},
};
constexpr Case kEvaluation[] = {
    {"nothing matches", "v=spf1 ip4:10.0.0.1", "neutral"},
    {"the first match counts", "v=spf1 ?ip4:192.0.2.0/24 -all", "neutral"},
    {"a syntax error behind a match", "v=spf1 +all nonsense:", "permerror"},
    {"an unknown mechanism", "v=spf1 a:example.com foo -all", "permerror"},
    {"an unknown modifier", "v=spf1 moo=cow +all", "pass"},
    {"an unknown modifier with a fault in it", "v=spf1 moo=%%%{x} +all", "permerror"},
    {"two redirects", "v=spf1 redirect=passes.example.com redirect=passes.example.com", "permerror"},
    {"two explanations", "v=spf1 exp=why.example.com exp=why.example.com -all", "permerror"},
    {"a redirect before its mechanisms", "v=spf1 redirect=fails.example.com ip4:192.0.2.10", "pass"},
    {"many spaces", "v=spf1   ip4:10.0.0.1    -all  ", "fail"},
    {"a name that only looks like a mechanism", "v=spf1 allx", "permerror"},
};
constexpr Case kAll[] = {
    {"+all", "v=spf1 +all", "pass"},
    {"-all", "v=spf1 -all", "fail"},
    {"~all", "v=spf1 ~all", "softfail"},
    {"?all", "v=spf1 ?all", "neutral"},
    {"all with a domain", "v=spf1 -all:example.com", "permerror"},
    {"all with a prefix length", "v=spf1 -all/8", "permerror"},
    {"all hides what follows", "v=spf1 -all ip4:192.0.2.10", "fail"},
    {"all in capitals", "v=spf1 -ALL", "fail"},
};
constexpr Case kAddresses[] = {
    {"ip4 that is the client", "v=spf1 ip4:192.0.2.10 -all", "pass"},
    {"ip4 with a wide prefix", "v=spf1 ip4:192.0.2.99/24 -all", "pass"},
    {"ip4 with a prefix that just misses", "v=spf1 ip4:192.0.2.0/29 -all", "fail"},
    {"ip4 with prefix 0", "v=spf1 ip4:10.0.0.1/0 -all", "pass"},
    {"ip4 with prefix 33", "v=spf1 ip4:192.0.2.10/33 -all", "permerror"},
    {"ip4 with a padded prefix", "v=spf1 ip4:192.0.2.10/032 -all", "permerror"},
    {"ip4 with two prefixes", "v=spf1 ip4:192.0.2.10//32 -all", "permerror"},
    {"ip4 without an address", "v=spf1 ip4 -all", "permerror"},
    {"ip4 with a port", "v=spf1 ip4:192.0.2.10:25 -all", "permerror"},
    {"ip4 and a client of the other family", "v=spf1 ip4:0.0.0.0/0 -all", "fail", "2001:db8::10"},
    {"a client as IPv4-mapped address", "v=spf1 ip4:192.0.2.10 -all", "pass", "::ffff:192.0.2.10"},
    {"an IPv4-mapped client is none of IPv6", "v=spf1 ip6:::/0 -all", "fail", "::ffff:192.0.2.10"},
    {"ip6 that is the client", "v=spf1 ip6:2001:db8::10 -all", "pass", "2001:db8::10"},
    {"ip6 with a prefix in the middle of an octet", "v=spf1 ip6:2001:db8::8/125 -all", "fail", "2001:db8::10"},
    {"ip6 with prefix 0", "v=spf1 ip6:::1/0 -all", "pass", "2001:db8::10"},
    {"ip6 with prefix 129", "v=spf1 ip6:2001:db8::10/129 -all", "permerror", "2001:db8::10"},
    {"ip6 that holds an IPv4 address", "v=spf1 ip6:192.0.2.10 -all", "permerror"},
    {"ip6 and a client of the other family", "v=spf1 ip6:::/0 -all", "fail"},
};
constexpr Case kA[] = {
    {"a of the domain itself", "v=spf1 a -all", "pass"},
    {"a for IPv6", "v=spf1 a -all", "pass", "2001:db8::10"},
    {"a of another", "v=spf1 a:other.example.com -all", "fail"},
    {"a with a prefix", "v=spf1 a:near.example.com/25 -all", "pass"},
    {"a with both prefixes", "v=spf1 a:near.example.com/32//31 -all", "pass", "2001:db8::10"},
    {"a with a prefix for IPv6 alone", "v=spf1 a:near.example.com//31 -all", "pass", "2001:db8::10"},
    {"a with prefix 0 still needs an address", "v=spf1 a:v6.example.com/0 -all", "fail"},
    {"a of a name that does not exist", "v=spf1 a:nowhere.example.com -all", "fail"},
    {"a that cannot be looked up", "v=spf1 a:servfail.example.com -all", "temperror"},
    {"a of an empty domain", "v=spf1 a: -all", "permerror"},
    {"a of an address", "v=spf1 a:192.0.2.10 -all", "permerror"},
    {"a of a single label", "v=spf1 a:localhost -all", "permerror"},
    {"a with a bad prefix", "v=spf1 a:example.com/abc -all", "permerror"},
    {"a with prefix 33", "v=spf1 a/33 -all", "permerror"},
    {"a with prefix 129 for IPv6", "v=spf1 a//129 -all", "permerror"},
};
constexpr Case kMx[] = {
    {"mx of another", "v=spf1 mx:mxer.example.com -all", "pass"},
    {"mx for IPv6", "v=spf1 mx:mxer.example.com -all", "pass", "2001:db8::10"},
    {"mx knows no implicit MX", "v=spf1 mx -all", "fail"},
    {"mx of a null MX", "v=spf1 mx:nullmx.example.com -all", "fail"},
    {"mx with a prefix", "v=spf1 mx:mxer.example.com/24 -all", "pass", "198.51.100.77"},
    {"mx whose host cannot be looked up", "v=spf1 mx:deadmx.example.com -all", "temperror"},
    {"mx that cannot be looked up", "v=spf1 mx:servfail.example.com -all", "temperror"},
    {"mx of an empty domain", "v=spf1 mx: -all", "permerror"},
};
constexpr Case kPtr[] = {
    {"ptr of the domain", "v=spf1 ptr -all", "pass"},
    {"ptr of another domain", "v=spf1 ptr:client.example -all", "pass"},
    {"ptr takes no name that is not confirmed", "v=spf1 ptr:liar.example.com -all", "fail"},
    {"ptr takes no end of a label", "v=spf1 ptr:ient.example -all", "fail"},
    {"ptr passes over names that cannot be looked up", "v=spf1 ptr -all", "fail", "192.0.2.20"},
    {"ptr of an empty domain", "v=spf1 ptr: -all", "permerror"},
    {"ptr with a prefix", "v=spf1 ptr/24 -all", "permerror"},
};
constexpr Case kInclude[] = {
    {"include that passes", "v=spf1 include:passes.example.com -all", "pass"},
    {"include that fails", "v=spf1 include:fails.example.com ~all", "softfail"},
    {"include that fails softly", "v=spf1 include:soft.example.com -all", "fail"},
    {"include that is neutral", "v=spf1 include:unsure.example.com -all", "fail"},
    {"include that matches for a fail", "v=spf1 -include:passes.example.com +all", "fail"},
    {"include without a record", "v=spf1 include:text.example.com +all", "permerror"},
    {"include of what does not exist", "v=spf1 include:nowhere.example.com +all", "permerror"},
    {"include with a syntax error", "v=spf1 include:wrong.example.com +all", "permerror"},
    {"include of two records", "v=spf1 include:two.example.com +all", "permerror"},
    {"include that cannot be looked up", "v=spf1 include:servfail.example.com +all", "temperror"},
    {"include that asks for what cannot be looked up", "v=spf1 include:asks-dead.example.com +all", "temperror"},
    {"include of an empty record", "v=spf1 include:empty.example.com -all", "fail"},
    {"include without a domain", "v=spf1 include +all", "permerror"},
    {"include with a prefix", "v=spf1 include:passes.example.com/24 +all", "permerror"},
    {"include of what cannot be a domain", "v=spf1 include:%{l}.%{o} +all", "permerror", "192.0.2.10", "a!b@-"},
};
constexpr Case kExists[] = {
    {"exists with a macro", "v=spf1 exists:%{i}.listed.example.com -all", "pass"},
    {"exists for a client of IPv6 asks for A", "v=spf1 exists:v4.example.com -all", "pass", "2001:db8::10"},
    {"exists of AAAA alone", "v=spf1 exists:v6.example.com -all", "fail", "2001:db8::10"},
    {"exists of nothing", "v=spf1 exists:nowhere.example.com -all", "fail"},
    {"exists that cannot be looked up", "v=spf1 exists:servfail.example.com -all", "temperror"},
    {"exists without a domain", "v=spf1 exists -all", "permerror"},
    {"exists with a prefix", "v=spf1 exists:v4.example.com/24 -all", "permerror"},
};
constexpr Case kRedirect[] = {
    {"redirect that passes", "v=spf1 redirect=passes.example.com", "pass"},
    {"redirect that fails", "v=spf1 redirect=fails.example.com", "fail"},
    {"redirect to no record", "v=spf1 redirect=text.example.com", "permerror"},
    {"redirect to what does not exist", "v=spf1 redirect=nowhere.example.com", "permerror"},
    {"redirect to a syntax error", "v=spf1 redirect=wrong.example.com", "permerror"},
    {"redirect to what cannot be looked up", "v=spf1 redirect=servfail.example.com", "temperror"},
    {"redirect after all counts for nothing", "v=spf1 ?all redirect=fails.example.com", "neutral"},
    {"redirect without a domain", "v=spf1 redirect=", "permerror"},
    {"redirect to a mechanism's form", "v=spf1 redirect:passes.example.com", "permerror"},
};

std::string number(const testing::TestParamInfo<Case>& info) {
  std::string text;
  for (const char c : std::string_view(info.param.says))
    text += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
  return std::to_string(info.index) + "_" + text;
}
INSTANTIATE_TEST_SUITE_P(record_lookup, SpfCheck, testing::ValuesIn(kRecordLookup), number);
INSTANTIATE_TEST_SUITE_P(evaluation, SpfCheck, testing::ValuesIn(kEvaluation), number);
INSTANTIATE_TEST_SUITE_P(all, SpfCheck, testing::ValuesIn(kAll), number);
INSTANTIATE_TEST_SUITE_P(addresses, SpfCheck, testing::ValuesIn(kAddresses), number);
INSTANTIATE_TEST_SUITE_P(a, SpfCheck, testing::ValuesIn(kA), number);
INSTANTIATE_TEST_SUITE_P(mx, SpfCheck, testing::ValuesIn(kMx), number);
INSTANTIATE_TEST_SUITE_P(ptr, SpfCheck, testing::ValuesIn(kPtr), number);
INSTANTIATE_TEST_SUITE_P(include, SpfCheck, testing::ValuesIn(kInclude), number);
INSTANTIATE_TEST_SUITE_P(exists, SpfCheck, testing::ValuesIn(kExists), number);
INSTANTIATE_TEST_SUITE_P(redirect, SpfCheck, testing::ValuesIn(kRedirect), number);

// Section 4.3: what cannot have a record is not asked for.
TEST(SpfCheckStart, asks_nothing_for_what_is_no_domain) {
  const std::string long_label(64, 'a');
  for (const std::string& domain : {std::string("localhost"), std::string("a..example.com"), std::string(""),
                                    long_label + ".example.com", std::string("[192.0.2.10]")}) {
    Zone zone = world();
    EXPECT_EQ(check(zone, "192.0.2.10", domain).result, SpfResult::none) << domain;
    EXPECT_TRUE(zone.asked.empty()) << domain;
  }
}

TEST(SpfCheckStart, takes_a_record_beside_other_texts_but_not_two) {
  Zone zone = world();
  zone.txt("example.com", "site-verification=1").txt("example.com", "v=spf1 +all");
  EXPECT_EQ(check(zone, "192.0.2.10", "example.com").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.10", "two.example.com").result, SpfResult::permerror);
  EXPECT_EQ(check(zone, "192.0.2.10", "servfail.example.com").result, SpfResult::temperror);
  EXPECT_EQ(check(zone, "192.0.2.10", "nowhere.example.com").result, SpfResult::none);
}

/// What `exists:SPEC.x` asks for.
std::string asked(std::string_view spec, std::string_view ip = "192.0.2.10",
                  std::string sender = "strong-bad@email.example.com") {
  Zone zone = world();
  zone.txt("email.example.com", "v=spf1 exists:" + std::string(spec) + ".x -all");
  check(zone, ip, "email.example.com", std::move(sender));
  const std::string found = zone.asked.empty() ? "" : zone.asked.back().name.str();
  return found.ends_with(".x") ? found.substr(0, found.size() - 2) : found;
}

// The examples of section 7.4.
TEST(SpfMacro, stands_for_what_the_standard_says) {
  EXPECT_EQ(asked("%{o}"), "email.example.com");
  EXPECT_EQ(asked("%{d}"), "email.example.com");
  EXPECT_EQ(asked("%{d4}"), "email.example.com");
  EXPECT_EQ(asked("%{d3}"), "email.example.com");
  EXPECT_EQ(asked("%{d2}"), "example.com");
  EXPECT_EQ(asked("%{d1}"), "com");
  EXPECT_EQ(asked("%{dr}"), "com.example.email");
  EXPECT_EQ(asked("%{d2r}"), "example.email");
  EXPECT_EQ(asked("%{l}"), "strong-bad");
  EXPECT_EQ(asked("%{l-}"), "strong.bad");
  EXPECT_EQ(asked("%{lr}"), "strong-bad");
  EXPECT_EQ(asked("%{lr-}"), "bad.strong");
  EXPECT_EQ(asked("%{l1r-}"), "strong");
  EXPECT_EQ(asked("%{ir}.%{v}._spf.%{d2}"), "10.2.0.192.in-addr._spf.example.com");
  EXPECT_EQ(asked("%{lr-}.lp._spf.%{d2}"), "bad.strong.lp._spf.example.com");
  EXPECT_EQ(asked("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}"), "10.2.0.192.in-addr.strong.lp._spf.example.com");
  EXPECT_EQ(asked("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01"),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
  EXPECT_EQ(asked("%{h}"), "mail.client.example");
  EXPECT_EQ(asked("%{d999999999999999999999}"), "email.example.com");
}

TEST(SpfMacro, of_a_sender_without_local_part_is_postmaster) {
  EXPECT_EQ(asked("%{l}", "192.0.2.10", "@email.example.com"), "postmaster");
  EXPECT_EQ(asked("%{l}", "192.0.2.10", "email.example.com"), "postmaster");
  EXPECT_EQ(asked("%{l}", "192.0.2.10", ""), "postmaster");
}

TEST(SpfMacro, p_is_a_confirmed_name_best_one_of_the_domain) {
  Zone zone = world();
  zone.txt("example.com", "v=spf1 exists:%{p}.x -all").txt("client.example", "v=spf1 exists:%{p}.x -all");
  check(zone, "192.0.2.10", "example.com");
  EXPECT_EQ(zone.asked.back().name.str(), "mail.example.com.x");
  check(zone, "192.0.2.10", "client.example");
  EXPECT_EQ(zone.asked.back().name.str(), "mail.client.example.x");
  check(zone, "198.51.100.9", "client.example");
  EXPECT_EQ(zone.asked.back().name.str(), "unknown.x");
}

TEST(SpfMacro, names_that_nobody_can_have_are_not_asked_for) {
  Zone zone = world();
  zone.txt("example.com", "v=spf1 exists:%{l}.example.com -all");
  const std::string long_part(64, 'a');
  for (const std::string& local : {std::string("a..b"), std::string("a b"), std::string("a/b"), long_part}) {
    zone.asked.clear();
    EXPECT_EQ(check(zone, "192.0.2.10", "example.com", local + "@example.com").result, SpfResult::fail) << local;
    EXPECT_EQ(zone.asked.size(), 1U) << local;
  }
}

TEST(SpfMacro, names_too_long_lose_labels_on_the_left) {
  const std::string label(60, 'b');
  const std::string local = "first." + label + "." + label + "." + label + "." + label;
  EXPECT_EQ(asked("%{l}.example", "192.0.2.10", local + "@email.example.com"),
            label + "." + label + "." + label + "." + label + ".example");
}

TEST(SpfExplanation, is_told_for_a_fail_with_its_macros) {
  Zone zone = world();
  zone.txt("example.com", "v=spf1 exp=why.example.com -all");
  EXPECT_EQ(check(zone, "192.0.2.10", "example.com", "a b@example.com").explanation,
            "192.0.2.10 is not one of example.com's, says mx.receiver.example; "
            "see http://example.com/?s=a%20b%40example.com&t=1700000000");
  EXPECT_EQ(check(zone, "192.0.2.10", "example.com").lookups, 0U);
}

TEST(SpfExplanation, is_none_when_anything_is_wrong_with_it) {
  for (const char* spec : {"whys.example.com", "badwhy.example.com", "nowhere.example.com", "servfail.example.com"}) {
    Zone zone = world();
    zone.txt("example.com", "v=spf1 exp=" + std::string(spec) + " -all");
    const SpfOutcome outcome = check(zone, "192.0.2.10", "example.com");
    EXPECT_EQ(outcome.result, SpfResult::fail) << spec;
    EXPECT_EQ(outcome.explanation, "") << spec;
  }
}

TEST(SpfExplanation, is_that_of_the_redirect_but_never_of_an_include) {
  Zone zone = world();
  zone.txt("target.example.com", "v=spf1 exp=why.example.com -all");
  zone.txt("example.com", "v=spf1 redirect=target.example.com exp=whys.example.com");
  EXPECT_TRUE(check(zone, "192.0.2.10", "example.com").explanation.starts_with("192.0.2.10 is not one of target.e"));
  zone.txt("explains.example.com", "v=spf1 exp=why.example.com +all");
  zone.txt("fails-by-include.example.com", "v=spf1 -include:explains.example.com");
  EXPECT_EQ(check(zone, "192.0.2.10", "fails-by-include.example.com").explanation, "");
}

TEST(SpfLimit, is_ten_terms_that_ask) {
  std::string ten = "v=spf1";
  for (int i = 0; i < 10; ++i) ten += " a:other.example.com";
  Zone zone = world();
  zone.txt("ten.example", ten + " ip4:192.0.2.10 -all").txt("eleven.example", ten + " a:other.example.com -all");
  zone.txt("early.example", "v=spf1 ip4:192.0.2.10" + ten.substr(6) + ten.substr(6) + " -all");
  zone.txt("with-redirect.example", ten + " redirect=passes.example.com");
  EXPECT_EQ(check(zone, "192.0.2.10", "ten.example").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.10", "ten.example").lookups, 10U);
  EXPECT_EQ(check(zone, "192.0.2.10", "eleven.example").result, SpfResult::permerror);
  EXPECT_EQ(check(zone, "192.0.2.10", "early.example").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.10", "with-redirect.example").result, SpfResult::permerror);
}

TEST(SpfLimit, counts_what_includes_ask) {
  Zone zone = world();
  const std::string five = " a:other.example.com a:other.example.com a:other.example.com a:other.example.com";
  zone.txt("four.example", "v=spf1" + five + " -all");
  zone.txt("ten.example", "v=spf1 include:four.example include:four.example ip4:192.0.2.10 -all");
  zone.txt("eleven.example", "v=spf1 include:four.example include:four.example mx ip4:192.0.2.10 -all");
  EXPECT_EQ(check(zone, "192.0.2.10", "ten.example").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.10", "eleven.example").result, SpfResult::permerror);
}

TEST(SpfLimit, ends_every_loop) {
  Zone zone = world();
  zone.txt("self.example", "v=spf1 include:self.example -all").txt("turn.example", "v=spf1 redirect=turn.example");
  zone.txt("ping.example", "v=spf1 include:pong.example -all").txt("pong.example", "v=spf1 include:ping.example -all");
  for (const char* domain : {"self.example", "turn.example", "ping.example"})
    EXPECT_EQ(check(zone, "192.0.2.10", domain).result, SpfResult::permerror) << domain;
}

TEST(SpfLimit, is_two_terms_answered_by_nothing) {
  Zone zone = world();
  zone.txt("two.example", "v=spf1 a:n1.example mx:n2.example ip4:192.0.2.10 -all");
  zone.txt("three.example", "v=spf1 a:n1.example mx:n2.example exists:n3.example ip4:192.0.2.10 -all");
  EXPECT_EQ(check(zone, "192.0.2.10", "two.example").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.10", "two.example").voids, 2U);
  EXPECT_EQ(check(zone, "192.0.2.10", "three.example").result, SpfResult::permerror);
}

TEST(SpfLimit, is_ten_mail_hosts_and_the_first_ten_names_of_an_address) {
  Zone zone = world();
  std::vector<std::string> hosts;
  for (int i = 0; i < 10; ++i) hosts.push_back("h" + std::to_string(i) + ".example");
  hosts.back() = "mail.example.com";
  zone.mx("ten.example", hosts).txt("ten.example", "v=spf1 mx -all");
  zone.ptr("30.2.0.192.in-addr.arpa", hosts).txt("ptr.example.com", "v=spf1 ptr:example.com -all");
  hosts.insert(hosts.begin(), "h10.example");
  zone.mx("eleven.example", hosts).txt("eleven.example", "v=spf1 mx -all");
  zone.ptr("40.2.0.192.in-addr.arpa", hosts).a("mail.example.com", {"192.0.2.30", "192.0.2.40"});
  EXPECT_EQ(check(zone, "192.0.2.10", "ten.example").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.10", "eleven.example").result, SpfResult::permerror);
  EXPECT_EQ(check(zone, "192.0.2.30", "ptr.example.com").result, SpfResult::pass);
  EXPECT_EQ(check(zone, "192.0.2.40", "ptr.example.com").result, SpfResult::fail);
}

TEST(SpfLimit, of_a_record_is_told_as_permerror) {
  Zone zone = world();
  std::string huge = "v=spf1";
  while (huge.size() < 10240) huge += " ip4:10.0.0.1";
  zone.txt("huge.example", huge + " +all");
  EXPECT_EQ(check(zone, "192.0.2.10", "huge.example").result, SpfResult::permerror);
}

TEST(SpfLimit, of_questions_ends_a_check_that_asks_too_much) {
  Answers answers;
  for (std::size_t i = 0; i < kMaxQuestions; ++i)
    EXPECT_EQ(answers.find(test::name("n" + std::to_string(i) + ".example"), Ask::a), nullptr);
  const Said* beyond = answers.find(test::name("beyond.example"), Ask::a);
  ASSERT_NE(beyond, nullptr);
  EXPECT_TRUE(beyond->failed());
  EXPECT_EQ(answers.take_wanted().size(), kMaxQuestions);
}

}  // namespace
}  // namespace mxhealth::policy
