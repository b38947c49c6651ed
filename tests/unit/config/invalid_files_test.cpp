// Every rule has a tiny file that breaks it. The file's first lines say, after "# expect: ", all that must be reported.
#include <gtest/gtest.h>

#include <cctype>

#include "config/web_config.hpp"
#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using test::data;

std::vector<std::string> expected(const std::string& text, const std::string& file) {
  constexpr std::string_view kMark = "# expect: ";
  std::vector<std::string> lines;
  std::string_view rest = text;
  while (rest.starts_with(kMark)) {
    const std::string_view line = rest.substr(kMark.size(), rest.find('\n') - kMark.size());
    const bool has_place = std::isdigit(static_cast<unsigned char>(line[0])) != 0;
    lines.push_back(file + (has_place ? ":" : ": ") + std::string(line));
    rest.remove_prefix(rest.find('\n') + 1);
  }
  return lines;
}

std::string test_name(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.stem().string();
}

class InvalidFile : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(InvalidFile, is_answered_by_exactly_the_expected_problems) {
  const std::string text = test::read_all(GetParam());
  const std::string file = GetParam().filename().string();
  const Loaded loaded = parse_config(text, file);
  ASSERT_FALSE(expected(text, file).empty());
  EXPECT_EQ(test::texts(loaded.problems), expected(text, file));
  EXPECT_EQ(loaded.config.has_value(), !has_errors(loaded.problems));
}

INSTANTIATE_TEST_SUITE_P(rules, InvalidFile, ::testing::ValuesIn(test::yaml_files("invalid")), test_name);

class InvalidWebFile : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(InvalidWebFile, is_answered_by_exactly_the_expected_problems) {
  const std::string text = test::read_all(GetParam());
  const std::string file = GetParam().filename().string();
  ASSERT_FALSE(expected(text, file).empty());
  EXPECT_EQ(test::texts(parse_web_config(text, file).problems), expected(text, file));
}

INSTANTIATE_TEST_SUITE_P(rules, InvalidWebFile, ::testing::ValuesIn(test::yaml_files("web_invalid")), test_name);

TEST(InvalidFiles, are_many) { EXPECT_GE(test::yaml_files("invalid").size(), 60U); }

}  // namespace
}  // namespace mxhealth::config
