#include "dnsbl/query_name.hpp"

#include <gtest/gtest.h>

namespace mxhealth::dnsbl {
namespace {

Name name(std::string_view text) { return Name::parse(text).value(); }
Address address(std::string_view text) { return Address::parse(text).value(); }

List list(std::string_view zone, std::string key = {}) {
  List one;
  one.zone = name(zone);
  one.keyed = !key.empty();
  one.key = Secret(std::move(key));
  return one;
}

std::string asked(const List& of, const Subject& subject) {
  const auto query = query_name(of, subject);
  return query ? query->str() : "";
}

TEST(QueryName, turns_an_ipv4_address_round) {
  EXPECT_EQ(asked(list("zen.spamhaus.org"), address("192.0.2.99")), "99.2.0.192.zen.spamhaus.org");
}

TEST(QueryName, turns_an_ipv6_address_round_nibble_by_nibble) {
  EXPECT_EQ(asked(list("bl.example"), address("2001:db8:1:2:3:4:567:89ab")),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example");
}

TEST(QueryName, asks_for_the_mapped_test_point_as_ipv6) {
  const std::string zeros = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
  EXPECT_EQ(asked(list("bl.example"), address("::ffff:127.0.0.2")), "2.0.0.0.0.0.f.7.f.f.f.f." + zeros + ".bl.example");
}

TEST(QueryName, puts_a_domain_in_front) {
  EXPECT_EQ(asked(list("dbl.example"), name("Mail.Example.ORG")), "mail.example.org.dbl.example");
}

TEST(QueryName, of_the_root_is_none) { EXPECT_EQ(asked(list("dbl.example"), Name{}), ""); }

TEST(QueryName, puts_the_key_between_subject_and_zone) {
  const List keyed = list("zen.dq.example", "abc123");
  EXPECT_EQ(asked(keyed, address("127.0.0.2")), "2.0.0.127.abc123.zen.dq.example");
  EXPECT_EQ(asked(keyed, name("example.org")), "example.org.abc123.zen.dq.example");
  EXPECT_EQ(absent_name(keyed, "x7")->str(), "x7.abc123.zen.dq.example");
}

TEST(QueryName, of_a_key_that_is_no_label_is_none) {
  for (const std::string key : {"two.labels", "a b", "", ".", "a.", "\xc3\xa4", "line\n"}) {
    List keyed = list("zen.dq.example", key);
    keyed.keyed = true;
    EXPECT_EQ(asked(keyed, address("127.0.0.2")), "") << key;
  }
  EXPECT_EQ(asked(list("zen.dq.example", std::string(kMaxNameLabel + 1, 'k')), address("127.0.0.2")), "");
}

/// A name of `size` octets, in labels of at most 50.
Name long_name(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += i % 51 == 50 && i + 1 < size ? '.' : 'a';
  return name(text);
}

TEST(QueryName, is_as_long_as_names_may_be_and_no_longer) {
  const List some = list("dbl.example");
  const std::size_t room = kMaxName - std::string_view(".dbl.example").size();
  EXPECT_EQ(asked(some, long_name(room)).size(), kMaxName);
  EXPECT_EQ(asked(some, long_name(room + 1)), "");
  EXPECT_EQ(asked(some, long_name(kMaxName)), "");
}

TEST(QueryName, of_an_ipv6_address_fits_below_a_long_zone_or_is_none) {
  const std::size_t nibbles = 64;
  List some;
  some.zone = long_name(kMaxName - nibbles);
  EXPECT_EQ(asked(some, address("2001:db8::1")).size(), kMaxName);
  some.zone = long_name(kMaxName - nibbles + 1);
  EXPECT_EQ(asked(some, address("2001:db8::1")), "");
}

}  // namespace
}  // namespace mxhealth::dnsbl
