#include "log/line.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <vector>

namespace mxhealth::log {
namespace {

using std::chrono::milliseconds;

std::string logfmt(std::vector<Field> fields) { return line(Format::logfmt, Level::info, "e", fields); }
std::string json(std::vector<Field> fields) { return line(Format::json, Level::info, "e", fields); }

TEST(Line, quotes_only_what_needs_quotes) {
  EXPECT_EQ(logfmt({{"a", "plain-1.2:3"}, {"b", ""}, {"c", "two words"}, {"d", "x=y"}}),
            "level=info event=e a=plain-1.2:3 b=\"\" c=\"two words\" d=\"x=y\"");
}

TEST(Line, writes_numbers_and_spans_bare) {
  EXPECT_EQ(json({{"n", 3}, {"d", 0.5}, {"span", milliseconds(250)}, {"no", false}}),
            "\"level\":\"info\",\"event\":\"e\",\"n\":3,\"d\":0.5,\"span\":0.25,\"no\":false");
}

TEST(Line, json_has_no_bare_infinity) {
  EXPECT_EQ(json({{"d", std::numeric_limits<double>::infinity()}}), "\"level\":\"info\",\"event\":\"e\",\"d\":\"inf\"");
}

TEST(Line, keeps_good_utf8_and_escapes_the_rest) {
  EXPECT_EQ(logfmt({{"a", "größe €😀"}}), "level=info event=e a=\"größe €😀\"");
  EXPECT_EQ(logfmt({{"a", "\xC3"}}), "level=info event=e a=\"\\xc3\"");
  EXPECT_EQ(logfmt({{"a", "\xC0\xAF"}}), "level=info event=e a=\"\\xc0\\xaf\"");                        // overlong
  EXPECT_EQ(logfmt({{"a", "\xED\xA0\x80"}}), "level=info event=e a=\"\\xed\\xa0\\x80\"");               // surrogate
  EXPECT_EQ(json({{"a", "\xC2\x85"}}), "\"level\":\"info\",\"event\":\"e\",\"a\":\"\\u00c2\\u0085\"");  // C1: NEL
}

TEST(Line, has_no_control_octet_whatever_the_value) {
  std::string every;
  for (int octet = 0; octet < 256; ++octet) every += static_cast<char>(octet);
  for (const Format format : {Format::logfmt, Format::json}) {
    const std::vector<Field> fields{{"a", every}};
    for (const char c : line(format, Level::info, "e", fields)) {
      EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) << static_cast<int>(c);
    }
  }
}

TEST(Line, cuts_a_value_just_above_its_limit) {
  EXPECT_EQ(logfmt({{"a", std::string(kMaxFieldText, 'x')}}).size(), 21 + kMaxFieldText);
  const std::string cut = logfmt({{"a", std::string(kMaxFieldText + 1, 'x')}});
  EXPECT_TRUE(cut.ends_with("x...\"")) << cut;
  EXPECT_LE(cut.size(), kMaxFieldText + 30);
}

TEST(Line, stays_one_write_however_many_fields) {
  for (const Format format : {Format::logfmt, Format::json}) {
    const std::vector<Field> fields(20, Field("a", std::string(5000, '\x01')));
    const std::string text = line(format, Level::info, "e", fields);
    EXPECT_LE(text.size() + 40, kMaxLine);
    EXPECT_NE(text.find("truncated"), std::string::npos);
  }
}

}  // namespace
}  // namespace mxhealth::log
