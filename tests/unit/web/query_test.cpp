#include "web/query.hpp"

#include <gtest/gtest.h>

#include "web/routes.hpp"

namespace mxhealth::web {
namespace {

std::string shown(std::string_view text) {
  const auto query = parse_query(text);
  if (!query) return "refused";
  std::string out;
  for (const auto& [name, value] : *query) out.append("[").append(name).append("=").append(value).append("]");
  return out;
}

TEST(Query, is_names_and_values_decoded) {
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("target=example.com&module=mx"), "[target=example.com][module=mx]");
  EXPECT_EQ(shown("a&b=&=c&&"), "[a=][b=][=c]");
  EXPECT_EQ(shown("a=b%20c+d%2B%3d"), "[a=b c d+=]");
  EXPECT_EQ(shown("a=b=c?d"), "[a=b=c?d]");
  EXPECT_EQ(shown("%C3%A4=1"), "[\xC3\xA4=1]");
}

TEST(Query, with_a_broken_escape_is_refused) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%=b", "a=%%20", "a=%4g"}) EXPECT_EQ(shown(text), "refused") << text;
}

TEST(Query, with_a_control_character_is_refused) {
  for (const char* text : {"a=%00", "a=%0d%0a", "%1b=b", "a=%7F"}) EXPECT_EQ(shown(text), "refused") << text;
}

TEST(Query, is_bounded) {
  const std::string longest(kMaxParameter, 'x');
  EXPECT_NE(shown("a=" + longest), "refused");
  EXPECT_EQ(shown("a=x" + longest), "refused");
  EXPECT_EQ(shown("x" + longest + "=a"), "refused");
  std::string most;
  for (std::size_t i = 0; i < kMaxParameters; ++i) most += "a=1&";
  EXPECT_NE(shown(most), "refused");
  EXPECT_EQ(shown(most + "a=1"), "refused");
}

TEST(Query, gives_the_first_of_a_name) {
  Request request;
  request.query = *parse_query("a=1&a=2&b");
  EXPECT_EQ(request.param("a"), "1");
  EXPECT_EQ(request.param("b"), "");
  EXPECT_EQ(request.param("c"), std::nullopt);
}

TEST(PathPiece, keeps_its_plus) {
  EXPECT_EQ(decoded("a+b%2e"), "a+b.");
  EXPECT_EQ(decoded("%0a"), std::nullopt);
}

Answer nothing(const Request&, Site&) { return {}; }

TEST(RouteTable, takes_everything_below_a_path) {
  constexpr std::array kTable{Route{"GET", "/targets/*", nothing}, Route{"GET", "/targets", nothing},
                              Route{"GET", "/", nothing}};
  EXPECT_EQ(find("/targets/example.com", kTable).route, &kTable[0]);
  EXPECT_EQ(find("/targets/example.com", kTable).rest, "example.com");
  EXPECT_EQ(find("/targets", kTable).route, &kTable[1]);
  EXPECT_EQ(find("/targets/", kTable).route, nullptr);
  EXPECT_EQ(find("/target", kTable).route, nullptr);
  EXPECT_EQ(find("/targetsx", kTable).route, nullptr);
  EXPECT_EQ(find("/", kTable).rest, "");
  EXPECT_EQ(find("", kTable).route, nullptr);
}

}  // namespace
}  // namespace mxhealth::web
