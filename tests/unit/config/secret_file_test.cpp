#include "config/secret_file.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace mxhealth::config {
namespace {

constexpr std::string_view kConfig = R"(
modules:
  login: {role: submission, auth: {user: probe, password_file: probe.pw}}
targets: [{server: smtp.example.com, modules: [login]}]
)";

// What becomes of a configuration whose password file holds this.
Loaded loaded_with(std::string_view content) {
  const test::Scratch scratch;
  test::write_all(scratch / "mxhealth.yml", kConfig);
  test::write_all(scratch / "probe.pw", content);
  return load_config(scratch / "mxhealth.yml");
}

std::string password_of(std::string_view content) {
  const Loaded loaded = loaded_with(content);
  EXPECT_EQ(test::texts(loaded.problems), std::vector<std::string>{});
  if (!loaded.config) return "(none)";
  EXPECT_EQ(loaded.config->targets.at(0).walks.at(0).modules.at(0).auth, loaded.config->modules.at("login").auth);
  return loaded.config->modules.at("login").auth->password.reveal();
}

TEST(SecretFile, is_one_line_whose_end_is_dropped) {
  EXPECT_EQ(password_of("hunter2"), "hunter2");
  EXPECT_EQ(password_of("hunter2\n"), "hunter2");
  EXPECT_EQ(password_of("hunter2\r\n"), "hunter2");
  EXPECT_EQ(password_of(" hunter2 \n"), " hunter2 ") << "blanks may belong to it";
  EXPECT_EQ(password_of(std::string(kMaxSecret, 'x') + "\r\n").size(), kMaxSecret);
}

TEST(SecretFile, what_is_wrong_names_the_place_and_never_the_content) {
  for (const auto& [content, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "the file is empty"},
           {"\n", "the file is empty"},
           {"hunter2\nhunter3\n", "the file has more than one line"},
           {"hunter2\n\n", "the file has more than one line"},
           {std::string("hunter2\0x", 9), "the file holds a control character"},
           {"hunter2\tx", "the file holds a control character"},
           {"hunter2" + std::string(kMaxSecret, 'x'), "the file has more than 512 octets"},
           {"hunter2" + std::string(100'000, 'x'), "the file has more than 512 octets"},
       }) {
    const Loaded loaded = loaded_with(content);
    EXPECT_FALSE(loaded.config);
    ASSERT_EQ(loaded.problems.size(), 1U);
    const std::string said = to_string(loaded.problems[0]);
    EXPECT_NE(said.find(":3:64: error: modules.login.auth.password_file: " + why), std::string::npos) << said;
    EXPECT_EQ(said.find("hunter"), std::string::npos) << said;
  }
}

TEST(SecretFile, must_be_there) {
  const test::Scratch scratch;
  test::write_all(scratch / "mxhealth.yml", kConfig);
  const auto said = test::texts(load_config(scratch / "mxhealth.yml").problems);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("modules.login.auth.password_file: cannot be read: No such file or directory"),
            std::string::npos);
}

}  // namespace
}  // namespace mxhealth::config
