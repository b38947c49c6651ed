#include "policy/spf_terms.hpp"

#include <gtest/gtest.h>

namespace mxhealth::policy {
namespace {

using Kind = SpfMechanism::Kind;

SpfRecord read(std::string_view text) {
  auto parsed = parse_spf(text);
  if (const auto* error = std::get_if<SpfError>(&parsed)) {
    ADD_FAILURE() << text << ": " << to_string(*error);
    return {};
  }
  return std::get<SpfRecord>(std::move(parsed));
}

/// What is wrong, or "nothing".
std::string fault(std::string_view text) {
  const auto parsed = parse_spf(text);
  const auto* error = std::get_if<SpfError>(&parsed);
  return error == nullptr ? "nothing" : to_string(*error);
}

SpfMechanism only(std::string_view term) {
  const SpfRecord record = read("v=spf1 " + std::string(term));
  return record.mechanisms.size() == 1 ? record.mechanisms[0] : SpfMechanism{};
}

SpfMechanism mechanism(Kind kind, std::string domain = {}) {
  SpfMechanism made;
  made.kind = kind;
  made.domain = std::move(domain);
  return made;
}

SpfMechanism network(Kind kind, std::string_view address, int bits) {
  SpfMechanism made = mechanism(kind);
  made.network = Address::parse(address);
  (kind == Kind::ip4 ? made.bits_v4 : made.bits_v6) = bits;
  return made;
}

TEST(IsSpf, is_the_version_and_then_a_space_or_nothing) {
  for (const char* text : {"v=spf1", "v=spf1 ", "v=spf1 -all", "V=SPF1 -all"}) EXPECT_TRUE(is_spf(text)) << text;
  for (const char* text : {"", "v=spf", "v=spf10 -all", "v=spf1-all", "v=spf1\t-all", " v=spf1", "v=spf2.0/pra -all"})
    EXPECT_FALSE(is_spf(text)) << text;
  EXPECT_EQ(fault("v=spf10"), "it does not begin with v=spf1");
}

TEST(SpfTerms, of_a_usual_record_are_read_in_their_order) {
  const SpfRecord record =
      read("v=spf1 mx a:mail.example.com ip4:192.0.2.0/24 include:_spf.example.net ~all exp=why.example.com");
  SpfMechanism all = mechanism(Kind::all);
  all.qualifier = SpfQualifier::softfail;
  EXPECT_EQ(record.mechanisms,
            (std::vector{mechanism(Kind::mx), mechanism(Kind::a, "mail.example.com"),
                         network(Kind::ip4, "192.0.2.0", 24), mechanism(Kind::include, "_spf.example.net"), all}));
  EXPECT_EQ(record.explanation, "why.example.com");
  EXPECT_FALSE(record.redirect);
}

TEST(SpfTerms, may_be_none_and_any_number_of_spaces_apart) {
  EXPECT_EQ(read("v=spf1"), SpfRecord{});
  EXPECT_EQ(read("v=spf1   "), SpfRecord{});
  EXPECT_EQ(read("v=spf1  a   mx  ").mechanisms.size(), 2U);
}

TEST(SpfTerms, have_qualifiers) {
  EXPECT_EQ(only("all").qualifier, SpfQualifier::pass);
  EXPECT_EQ(only("+all").qualifier, SpfQualifier::pass);
  EXPECT_EQ(only("-all").qualifier, SpfQualifier::fail);
  EXPECT_EQ(only("~all").qualifier, SpfQualifier::softfail);
  EXPECT_EQ(only("?all").qualifier, SpfQualifier::neutral);
}

TEST(SpfTerms, are_the_same_in_any_case) {
  EXPECT_EQ(only("-ALL").qualifier, SpfQualifier::fail);
  EXPECT_EQ(only("Ip4:192.0.2.1"), network(Kind::ip4, "192.0.2.1", 32));
  EXPECT_EQ(read("v=spf1 REDIRECT=Example.COM").redirect, "Example.COM");
  EXPECT_EQ(only("EXISTS:%{IR}.example.com"), mechanism(Kind::exists, "%{IR}.example.com"));
}

TEST(SpfTerms, with_hosts_take_a_domain_and_a_prefix_length_for_each_family) {
  SpfMechanism expected = mechanism(Kind::a, "mail.example.com");
  EXPECT_EQ(only("a:mail.example.com"), expected);
  expected.bits_v4 = 28;
  EXPECT_EQ(only("a:mail.example.com/28"), expected);
  expected.bits_v6 = 64;
  EXPECT_EQ(only("a:mail.example.com/28//64"), expected);
  expected.bits_v4 = 32;
  EXPECT_EQ(only("a:mail.example.com//64"), expected);
  expected.kind = Kind::mx;
  expected.domain = "";
  EXPECT_EQ(only("mx//64"), expected);
  expected.bits_v4 = 0;
  expected.bits_v6 = 0;
  EXPECT_EQ(only("mx/0//0"), expected);
}

TEST(SpfTerms, with_hosts_refuse_other_prefix_lengths) {
  for (const char* term :
       {"a/33", "mx/129", "a//129", "a/", "a//", "a/024", "a/00", "mx//064", "a/-1", "a/24/24", "a/24///64", "a/2x",
        "ptr/24", "include:example.com/24", "exists:example.com/24", "all/8", "a/99999999999999999999"})
    EXPECT_NE(fault("v=spf1 " + std::string(term)), "nothing") << term;
}

TEST(SpfTerms, with_addresses_read_networks_of_their_family) {
  EXPECT_EQ(only("ip4:192.0.2.7"), network(Kind::ip4, "192.0.2.7", 32));
  EXPECT_EQ(only("ip4:0.0.0.0/0"), network(Kind::ip4, "0.0.0.0", 0));
  EXPECT_EQ(only("ip4:192.0.2.7/24"), network(Kind::ip4, "192.0.2.7", 24));  // bits below are the receiver's to cut
  EXPECT_EQ(only("ip6:2001:db8::/32"), network(Kind::ip6, "2001:db8::", 32));
  EXPECT_EQ(only("ip6:::1"), network(Kind::ip6, "::1", 128));
  EXPECT_EQ(only("ip6:::192.0.2.1/0"), network(Kind::ip6, "::192.0.2.1", 0));
}

TEST(SpfTerms, with_addresses_refuse_what_is_none) {
  for (const char* term : {"ip4",
                           "ip4:",
                           "ip4:192.0.2",
                           "ip4:192.0.2.256",
                           "ip4:192.0.2.01",
                           "ip4:192.0.2.1:25",
                           "ip4:192.0.2.0/33",
                           "ip4:192.0.2.0//24",
                           "ip4:192.0.2.0/024",
                           "ip4:2001:db8::1",
                           "ip4:example.com",

                           "ip6",
                           "ip6:",
                           "ip6:192.0.2.1",
                           "ip6:2001:db8::/129",
                           "ip6:2001:db8::/",
                           "ip6:2001:db8:::1",
                           "ip6:2001:db8::1//64",
                           "ip6:fe80::1%eth0",
                           "ip6:[2001:db8::1]"})
    EXPECT_NE(fault("v=spf1 " + std::string(term)), "nothing") << term;
  EXPECT_EQ(fault("v=spf1 ip4:1.2.3"), "ip4:1.2.3: not an address of ipv4");
}

TEST(SpfTerms, need_a_domain_where_the_mechanism_does) {
  for (const char* term :
       {"include", "include:", "exists", "exists:", "a:", "mx:", "ptr:", "a:/24", "redirect=", "exp="})
    EXPECT_NE(fault("v=spf1 " + std::string(term)), "nothing") << term;
  EXPECT_EQ(only("ptr"), mechanism(Kind::ptr));
  EXPECT_EQ(only("ptr:example.com"), mechanism(Kind::ptr, "example.com"));
}

TEST(SpfTerms, end_domains_in_a_top_level_domain_or_a_macro) {
  for (const char* domain :
       {"example.com", "example.com.", "_spf.example.com", "foo:bar/baz.example.com", "example.xn--zckzah",
        "example.1-2", "a..example.com", "%{d}", "mail.%{d2}", "%{ir}.%{v}._spf.%{d}", "%{d}.example.com"})
    EXPECT_EQ(fault("v=spf1 a:" + std::string(domain)), "nothing") << domain;
  for (const char* domain : {"museum", "museum.", "192.0.2.1", "example.123", "example.-com", "example.com-",
                             "example.com:25", "example.c_m", "%{d}com", "%{d}.", ".", "example..", "exa\x01mple.com",
                             "b\xc3\xbc"
                             "cher.example"})
    EXPECT_NE(fault("v=spf1 a:" + std::string(domain)), "nothing") << domain;
}

TEST(SpfTerms, keep_macros_as_they_are_written) {
  EXPECT_EQ(only("exists:%{l1r+-}._spf.%{d}"), mechanism(Kind::exists, "%{l1r+-}._spf.%{d}"));
  for (const char* good : {"%{s}", "%{S}", "%{l}", "%{o}", "%{d}", "%{i}", "%{p}", "%{v}", "%{h}", "%{d2}", "%{dr}",
                           "%{d128R}", "%{d.-+,/_=}", "%%%{d}", "%_%-%{d}"})
    EXPECT_EQ(fault("v=spf1 exists:" + std::string(good)), "nothing") << good;
  for (const char* bad : {"%{d", "%{}", "%{x}", "%", "%(d)", "%{d0}", "%{d00}", "%{rd}", "%{d r}", "%{d1r2}", "%{d*}",
                          "%a.example.com", "%{c}", "%{r}", "%{t}", "%{T}", "50%.example.com", "%{%{d}}"})
    EXPECT_NE(fault("v=spf1 exists:" + std::string(bad)), "nothing") << bad;
}

TEST(SpfTerms, may_be_modifiers_wherever_they_stand) {
  const SpfRecord record = read("v=spf1 redirect=%{d}.example.net foo.bar-baz_1=%{c}/x: a FOO=");
  EXPECT_EQ(record.redirect, "%{d}.example.net");
  EXPECT_EQ(record.unknown, (std::vector<SpfModifier>{{"foo.bar-baz_1", "%{c}/x:"}, {"foo", ""}}));
  EXPECT_EQ(record.mechanisms, std::vector{mechanism(Kind::a)});
}

TEST(SpfTerms, have_each_known_modifier_once) {
  EXPECT_EQ(fault("v=spf1 redirect=a.example redirect=a.example"),
            "redirect=a.example: a modifier that may be there once");
  EXPECT_NE(fault("v=spf1 exp=a.example EXP=b.example"), "nothing");
  EXPECT_EQ(fault("v=spf1 other=1 other=2"), "nothing");
}

TEST(SpfTerms, refuse_modifiers_that_are_none) {
  for (const char* term :
       {"=example.com", "-redirect=example.com", "1a=b", "moo.cow/far_out=man:dog/cat", "redirect:example.com",
        "foo=%x", "foo=%{z}", "foo=\x7f", "redirect=museum", "exp=192.0.2.1"})
    EXPECT_NE(fault("v=spf1 " + std::string(term)), "nothing") << term;
}

TEST(SpfTerms, refuse_mechanisms_that_nobody_knows) {
  for (const char* term : {"moo", "ipv4:192.0.2.1", "all.", "all:", "all:example.com", "-", "+-all", "--all",
                           "\"-all\"", "a\tmx", "a\rmx", "v=spf1\x80", "all,", "v:spf1"})
    EXPECT_NE(fault("v=spf1 " + std::string(term)), "nothing") << term;
  EXPECT_EQ(fault("v=spf1 moo -all"), "moo: no such mechanism");
}

TEST(SpfTerms, show_what_is_wrong_in_printable_characters_and_cut) {
  EXPECT_EQ(fault("v=spf1 mo\x01o\xff"), "mo?o?: no such mechanism");
  EXPECT_LT(fault("v=spf1 " + std::string(2000, 'x')).size(), 100U);
}

TEST(SpfTerms, are_bounded_in_length_and_number) {
  const std::string padded = "v=spf1 " + std::string(kMaxSpfRecord - 7, ' ');
  EXPECT_EQ(fault(padded), "nothing");
  EXPECT_EQ(fault(padded + " "), "longer than 8192 octets");
  std::string many = "v=spf1";
  for (std::size_t i = 0; i < kMaxSpfTerms; ++i) many += " a";
  EXPECT_EQ(read(many).mechanisms.size(), kMaxSpfTerms);
  EXPECT_EQ(fault(many + " a"), "more than 512 terms");
}

TEST(SpfTerms, have_the_names_of_the_record) {
  EXPECT_EQ(label(Kind::all), "all");
  EXPECT_EQ(label(Kind::exists), "exists");
  EXPECT_EQ(label(Kind::ip6), "ip6");
}

}  // namespace
}  // namespace mxhealth::policy
