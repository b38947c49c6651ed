#include "config/names.hpp"

#include <gtest/gtest.h>

namespace mxhealth::config {
namespace {

std::string converted(std::string_view text) {
  const auto result = name_from(text);
  const auto* name = std::get_if<Name>(&result);
  return name != nullptr ? name->str() : "error: " + std::get<NotAName>(result).why;
}

TEST(Names, become_lower_case_a_labels) {
  EXPECT_EQ(converted("Example.COM."), "example.com");
  EXPECT_EQ(converted("b\u00FCcher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(converted("B\u00DCCHER.example"), "xn--bcher-kva.example");
  EXPECT_EQ(converted("\u4F8B\u3048\u3002\u30C6\u30B9\u30C8"), "xn--r8jz45g.xn--zckzah");
  EXPECT_EQ(converted("_spf.example.com"), "_spf.example.com");
}

TEST(Names, keep_the_sharp_s_that_the_old_rules_took_away) {
  EXPECT_EQ(converted("fu\u00DF.example"), "xn--fu-hia.example");
}

TEST(Names, are_composed_first) { EXPECT_EQ(converted("bu\u0308cher.example"), "xn--bcher-kva.example"); }

TEST(Names, that_fail_name_the_label) {
  EXPECT_EQ(converted("mail.\u2603.example").substr(0, 32), "error: label \"\u2603\" is not one of");
  EXPECT_EQ(converted("a..b"), "error: an empty label");
  EXPECT_EQ(converted("mx-.example"), "error: label \"mx-\" ends with a hyphen");
  EXPECT_EQ(converted("a b.example"), "error: label \"a b\" holds a character that names do not have");
}

TEST(Names, are_not_addresses) {
  EXPECT_EQ(converted("192.0.2.1"), "error: an address, not a name");
  EXPECT_EQ(converted("2001:db8::1"), "error: an address, not a name");
  EXPECT_EQ(converted("192.0.2.1."), "error: a name does not end in a number");
  EXPECT_EQ(converted("someone@example.com"), "error: a mail address, not a name");
  EXPECT_EQ(converted(""), "error: not a name");
  EXPECT_EQ(converted("."), "error: not a name");
}

TEST(Names, are_bounded) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_EQ(converted(longest), longest);
  EXPECT_EQ(converted(longest + "a"), "error: a name longer than 253 octets");
  EXPECT_NE(converted(label + "a.example").find("longer than 63 octets"), std::string::npos);
  EXPECT_EQ(converted(std::string(100'000, '\xC3')), "error: a name longer than 253 octets");
}

}  // namespace
}  // namespace mxhealth::config
