#include "model/name.hpp"

#include <gtest/gtest.h>

namespace mxhealth {
namespace {

std::string parsed(std::string_view text) {
  const auto name = Name::parse(text);
  return name ? "<" + name->str() + ">" : "refused";
}

TEST(name, case_and_the_final_dot_do_not_matter) {
  EXPECT_EQ(parsed("MX.Example.NET."), "<mx.example.net>");
  EXPECT_EQ(Name::parse("A.b"), Name::parse("a.B."));
}

TEST(name, the_root_is_a_name) {
  EXPECT_EQ(parsed("."), "<>");
  EXPECT_TRUE(Name::parse(".")->is_root());
  EXPECT_TRUE(Name{}.is_root());
}

TEST(name, letters_digits_hyphen_and_underscore_are_names) {
  EXPECT_EQ(parsed("_25._tcp.mx-1.example"), "<_25._tcp.mx-1.example>");
  EXPECT_EQ(parsed("xn--bcher-kva.example"), "<xn--bcher-kva.example>");
  EXPECT_EQ(parsed("192.0.2.1"), "<192.0.2.1>");
}

TEST(name, other_octets_are_refused) {
  for (const std::string_view text : {"", "..", ".a", "a..b", "a b", "a\"b", "a\\b", "a\nb", "a{b",
                                      "b\xc3\xbc"
                                      "cher",
                                      "a/b", "*"})
    EXPECT_EQ(parsed(text), "refused") << text;
  EXPECT_EQ(parsed(std::string_view("a\0b", 3)), "refused");
}

TEST(name, labels_and_names_are_bounded) {
  const std::string label(kMaxNameLabel, 'a');
  EXPECT_EQ(parsed(label), "<" + label + ">");
  EXPECT_EQ(parsed(label + "a"), "refused");
  std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  ASSERT_EQ(longest.size(), kMaxName);
  EXPECT_EQ(parsed(longest), "<" + longest + ">");
  EXPECT_EQ(parsed(longest + "."), "<" + longest + ">");
  EXPECT_EQ(parsed(longest + "b"), "refused");
}

TEST(name, a_single_label_is_told) {
  EXPECT_TRUE(Name::parse("mail")->is_single_label());
  EXPECT_FALSE(Name::parse("mail.example")->is_single_label());
  EXPECT_FALSE(Name{}.is_single_label());
}

}  // namespace
}  // namespace mxhealth
