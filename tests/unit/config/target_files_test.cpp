#include "config/target_files.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using test::texts;
using Texts = std::vector<std::string>;

class TargetFiles : public ::testing::Test {
 protected:
  TargetFiles() { std::filesystem::create_directory(scratch_ / "t.d"); }

  void put(const std::string& name, std::string_view text) { test::write_all(scratch_ / name, text); }
  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  Loaded load(std::string_view text = "target_files: [t.d/*.yml]\n") {
    put("c.yml", text);
    return load_config(scratch_ / "c.yml");
  }

  test::Scratch scratch_;
};

TEST_F(TargetFiles, add_their_targets_in_the_order_of_their_names) {
  put("t.d/b.yml", "[{domain: b.example}]\n");
  put("t.d/a.yml", "targets:\n  - domain: a.example\n    modules: [mx2]\n");
  put("t.d/ignored.txt", "not yaml: [");
  const Loaded loaded =
      load("modules: {mx2: {role: mx}}\ntargets: [{domain: main.example}]\ntarget_files: [t.d/*.yml]\n");
  EXPECT_EQ(texts(loaded.problems), Texts{});
  ASSERT_TRUE(loaded.config);
  ASSERT_EQ(loaded.config->targets.size(), 3U);
  EXPECT_EQ(loaded.config->targets[0].name.str(), "main.example");
  EXPECT_EQ(loaded.config->targets[1].name.str(), "a.example");
  EXPECT_EQ(loaded.config->targets[1].mark.file, path("t.d/a.yml"));
  EXPECT_EQ(loaded.config->targets[1].walks.at(0).modules.at(0).name, "mx2");
  EXPECT_EQ(loaded.config->targets[2].name.str(), "b.example");
  EXPECT_EQ(loaded.config->target_files, std::vector{scratch_ / "t.d/*.yml"});
}

TEST_F(TargetFiles, report_their_problems_after_those_of_the_main_file) {
  put("t.d/a.yml", "- domain: a.example\n  intervall: 5m\n");
  put("t.d/b.yml", "- {domain: [\n");
  const Loaded loaded = load("limits: {in_flight: 0}\ntarget_files: [t.d/*.yml]\n");
  EXPECT_FALSE(loaded.config);
  ASSERT_EQ(loaded.problems.size(), 3U);
  EXPECT_EQ(loaded.problems[0].file, path("c.yml"));
  EXPECT_EQ(loaded.problems[1].file, path("t.d/a.yml"));
  EXPECT_EQ(loaded.problems[1].key, "[0].intervall");
  EXPECT_EQ(loaded.problems[2].file, path("t.d/b.yml"));
}

TEST_F(TargetFiles, name_both_places_of_a_target_that_is_there_twice) {
  put("t.d/a.yml", "- domain: a.example\n");
  put("t.d/b.yml", "targets:\n  - server: A.example\n");
  EXPECT_EQ(texts(load().problems), Texts{path("t.d/b.yml") + ":2:13: error: targets[0].server: a target already, at " +
                                          path("t.d/a.yml") + ":1:11, found \"A.example\""});
}

TEST_F(TargetFiles, are_read_once_when_two_patterns_find_them) {
  put("t.d/a.yml", "- domain: a.example\n");
  const Loaded loaded = load("target_files: [t.d/*.yml, t.d/a.*]\n");
  EXPECT_EQ(texts(loaded.problems), Texts{});
  EXPECT_EQ(loaded.config.value_or(Config{}).targets.size(), 1U);
}

TEST_F(TargetFiles, that_are_not_there_are_a_warning) {
  const Loaded loaded = load();
  EXPECT_TRUE(loaded.config);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].severity, Severity::warning);
  EXPECT_EQ(loaded.problems[0].line, 1);
}

TEST_F(TargetFiles, without_content_are_an_error_unless_that_is_said) {
  put("t.d/a.yml", "# nothing\n");
  EXPECT_EQ(texts(load().problems),
            Texts{path("t.d/a.yml") + ": error: empty; allowed: a list of targets, [] for none"});
  put("t.d/a.yml", "[]\n");
  EXPECT_EQ(texts(load().problems), Texts{});
}

TEST_F(TargetFiles, hold_targets_and_nothing_else) {
  put("t.d/a.yml", "global: {interval: 5m}\n");
  EXPECT_EQ(texts(load().problems), Texts{path("t.d/a.yml") + ":1:1: error: global: unknown key; allowed: targets"});
}

TEST_F(TargetFiles, that_are_directories_are_an_error) {
  std::filesystem::create_directory(scratch_ / "t.d/x.yml");
  EXPECT_EQ(texts(load().problems), Texts{path("t.d/x.yml") + ": error: is a directory"});
}

}  // namespace
}  // namespace mxhealth::config
