#include "config/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "fixture.hpp"

namespace mxhealth::config {
namespace {

struct Answer {
  int code;
  std::string out;
  std::string err;
};

Answer check(const std::filesystem::path& file) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = check_file(file, out, err);
  return {code, out.str(), err.str()};
}

class ConfigCheck : public ::testing::Test {
 protected:
  std::string file(std::string_view text) {
    config::test::write_all(scratch_ / "c.yml", text);
    return (scratch_ / "c.yml").string();
  }
  config::test::Scratch scratch_;
};

TEST_F(ConfigCheck, of_a_good_file_counts_its_targets) {
  const std::string name = file("targets: [{domain: a.example}, {domain: b.example}]\n");
  const Answer answer = check(name);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.out, name + ": ok, 2 targets\n");
  EXPECT_EQ(answer.err, "");
}

TEST_F(ConfigCheck, shows_warnings_of_a_good_file) {
  const std::string name = file("targets: [{domain: a.example, interval: 10s}]\n");
  const Answer answer = check(name);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.out, name + ": ok, 1 target, 1 warning\n");
  EXPECT_TRUE(answer.err.starts_with(name + ":1:41: warning: targets[0].interval: ")) << answer.err;
}

TEST_F(ConfigCheck, of_a_bad_file_shows_each_problem_on_a_line_and_counts_them) {
  const std::string name = file("global: {interval: 1s}\ntarget: []\n");
  const Answer answer = check(name);
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.out, name + ": 3 errors, 0 warnings\n");
  EXPECT_EQ(std::ranges::count(answer.err, '\n'), 3);
  EXPECT_NE(answer.err.find(name + ":2:1: error: target: unknown key, did you mean targets?"), std::string::npos);
}

TEST_F(ConfigCheck, of_a_missing_file_fails) {
  const Answer answer = check(scratch_ / "none.yml");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.err.find("cannot be read: No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace mxhealth::config
