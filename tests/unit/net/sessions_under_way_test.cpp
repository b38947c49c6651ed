#include "net/sessions_under_way.hpp"

#include <gtest/gtest.h>

namespace mxhealth::net {
namespace {

using Question = SessionsUnderWay::Question;

std::vector<ServerName> names(const std::vector<const char*>& texts) {
  std::vector<ServerName> all;
  for (const char* text : texts) all.push_back(*Name::parse(text));
  return all;
}

TEST(SessionsUnderWay, answer_whoever_asks_the_same_of_no_other_names) {
  const Question both{.names = names({"a.example", "b.example"})};
  EXPECT_TRUE(both.answers(both));
  EXPECT_TRUE(both.answers({.names = names({"b.example"})})) << "matched against what was served to the first";
  EXPECT_FALSE(both.answers({.names = names({"b.example", "c.example"})}));
  EXPECT_FALSE(both.answers({.names = both.names, .tls = TlsPolicy::off}));
  EXPECT_FALSE(both.answers({.names = both.names, .only = TlsVersion::tls_1_0}));
}

TEST(SessionsUnderWay, answer_for_a_name_of_its_own_only_where_the_server_heard_that_name) {
  const Question own{.names = names({"b.example"}), .by_own_name = true};
  EXPECT_FALSE((Question{.names = names({"a.example", "b.example"})}).answers(own)) << "a.example was said there";
  EXPECT_TRUE((Question{.names = names({"b.example", "c.example"})}).answers(own));
  EXPECT_TRUE(own.answers(own));
  EXPECT_TRUE(own.answers({.names = names({"b.example"})}));
}

}  // namespace
}  // namespace mxhealth::net
