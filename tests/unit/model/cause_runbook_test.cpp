// A runbook for every cause, named by its label, and its head says what the table says. (Those of alerts:
// tests/dashboards/runbooks_test.sh.)
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "model/cause.hpp"

namespace mxhealth {
namespace {

const std::filesystem::path kPages = std::filesystem::path(MXHEALTH_TEST_DATA) / "../../dashboards/runbooks/causes";

std::vector<std::string> lines_of(const CauseRow& row) {
  std::ifstream page(kPages / (std::string(row.label) + ".md"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(page, line);) lines.push_back(line);
  return lines;
}

std::string head_of(const CauseRow& row) {
  return "class `" + std::string(label(row.cause_class)) + "` · side `" + std::string(label(row.side)) +
         "` · enhanced status `" + std::string(row.enhanced_status) + "`";
}

TEST(cause_runbook, every_cause_has_a_page_whose_head_is_its_row) {
  for (const CauseRow& row : causes()) {
    const auto lines = lines_of(row);
    ASSERT_GT(lines.size(), 7U) << row.label << ".md is missing or empty";
    EXPECT_EQ(lines[0], "# " + std::string(row.label));
    EXPECT_EQ(lines[2], head_of(row)) << row.label;
    EXPECT_EQ(lines[4], row.sentence) << row.label;
    EXPECT_TRUE(lines[6].starts_with("**A sender sees:**")) << row.label;
  }
}

TEST(cause_runbook, every_page_has_the_same_sections) {
  const std::vector<std::string> wanted{"## Whose side", "## Check", "## Mend"};
  for (const CauseRow& row : causes()) {
    std::vector<std::string> sections;
    for (const std::string& line : lines_of(row))
      if (line.starts_with("## ")) sections.push_back(line);
    EXPECT_EQ(sections, wanted) << row.label;
  }
}

TEST(cause_runbook, every_page_has_a_cause) {
  for (const auto& file : std::filesystem::directory_iterator(kPages)) {
    const std::string name = file.path().filename().string();
    ASSERT_TRUE(name.ends_with(".md")) << name;
    EXPECT_TRUE(cause_of_label(name.substr(0, name.size() - 3))) << name;
  }
}

}  // namespace
}  // namespace mxhealth
