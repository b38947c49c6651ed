// The same records as OpenMetrics 1.0: its rules for names, units and the end, and the parser that the Python client
// library has, the strictest there is.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "metrics/own.hpp"
#include "metrics/records.hpp"
#include "metrics/sheet.hpp"
#include "metrics/writer.hpp"

namespace mxhealth::metrics {
namespace {

std::string exposition(Format format) {
  Sheet sheet;
  sheet.apply(example_feed());
  Own own({"1.0.0", "abc", "g++"});
  own.resolver_rewrites(false);
  own.scheduler_lag(std::chrono::seconds(2));
  return joined(sheet.pages(format)) + own.text(format) + std::string(end_of(format));
}

/// "# TYPE name rest" as its three parts after the '#'; else empty.
std::array<std::string, 3> metadata(const std::string& line) {
  std::array<std::string, 3> parts;
  if (!line.starts_with("# ")) return parts;
  std::istringstream in(line.substr(2));
  in >> parts[0] >> parts[1];
  std::getline(in >> std::ws, parts[2]);
  return parts;
}

TEST(OpenMetrics, keeps_to_its_rules_for_families) {
  std::istringstream in(exposition(Format::openmetrics));
  std::set<std::string> seen;
  std::string family;
  std::string line;
  while (std::getline(in, line)) {
    const auto [word, name, rest] = metadata(line);
    if (word == "HELP") {
      EXPECT_TRUE(seen.insert(name).second) << name;
      family = name;
    } else if (word == "TYPE") {
      EXPECT_EQ(name, family);
      EXPECT_FALSE(rest == "counter" && name.ends_with("_total")) << name;
    } else if (word == "UNIT") {
      EXPECT_TRUE(name.ends_with("_" + rest)) << line;
    } else if (word != "EOF") {
      EXPECT_TRUE(line.starts_with(family)) << line;
    }
  }
  EXPECT_EQ(line, "");
  EXPECT_GT(seen.size(), 50U);
}

TEST(OpenMetrics, ends_with_its_end_and_plain_text_with_none) {
  EXPECT_TRUE(exposition(Format::openmetrics).ends_with("\n# EOF\n"));
  EXPECT_EQ(exposition(Format::text).find("# EOF"), std::string::npos);
}

std::string without_comments(const std::string& text) {
  std::istringstream in(text);
  std::string kept;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("#") && !line.starts_with("process_")) kept += line + "\n";
  }
  return kept;
}

TEST(OpenMetrics, has_the_same_samples_as_plain_text) {
  EXPECT_EQ(without_comments(exposition(Format::openmetrics)), without_comments(exposition(Format::text)));
}

TEST(OpenMetrics, shares_the_pages_of_samples_with_plain_text) {
  Sheet sheet;
  sheet.apply(example_feed());
  const Pages text = sheet.pages(Format::text);
  const Pages open = sheet.pages(Format::openmetrics);
  ASSERT_EQ(text.size(), open.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i]->text().starts_with("#")) continue;
    EXPECT_EQ(text[i], open[i]);
  }
}

TEST(OpenMetrics, is_taken_by_the_parser_of_pythons_client_library) {
  if (std::system("/usr/bin/python3 -c 'import prometheus_client' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-prometheus-client is not installed";
  }
  const std::string file = testing::TempDir() + "openmetrics.txt";
  std::ofstream(file) << exposition(Format::openmetrics);
  const std::string parse =
      "/usr/bin/python3 -c 'import sys; from prometheus_client.openmetrics import parser; "
      "print(len(list(parser.text_fd_to_metric_families(open(sys.argv[1])))))' " +
      file + " 2>&1 | tail -1";
  FILE* const parsed = ::popen(parse.c_str(), "r");
  ASSERT_NE(parsed, nullptr);
  std::array<char, 4096> said{};
  const std::size_t size = std::fread(said.data(), 1, said.size(), parsed);
  ::pclose(parsed);
  EXPECT_GT(std::atoi(said.data()), 50) << std::string(said.data(), size);
  std::remove(file.c_str());
}

}  // namespace
}  // namespace mxhealth::metrics
