// What a module may ask of a session behind EHLO.
#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"

namespace mxhealth::config {
namespace {

Config everything() {
  const Loaded loaded = parse_config(test::read_all(test::data("valid/everything.yml")), "everything.yml");
  EXPECT_EQ(test::texts(loaded.problems), std::vector<std::string>{});
  return loaded.config.value_or(Config{});
}

TEST(Errands, takes_a_login_for_submission) {
  const Module login = everything().modules.at("login");
  ASSERT_TRUE(login.auth);
  EXPECT_EQ(login.auth->user, "probe");
  EXPECT_TRUE(login.auth->password.empty()) << "a text at hand reads no files";
}

TEST(Errands, leaves_a_login_to_verified_servers_where_a_target_asks_for_less) {
  const auto policy_under = [](const std::string& expected) {
    const Loaded loaded = parse_config(
        "modules: {login: {role: submission, auth: {user: u, password_file: f}}}\n"
        "targets: [{server: s.example.com, modules: [login, mx], expect: {starttls: " +
            expected + "}}]\n",
        "f");
    const Config config = loaded.config.value();
    std::vector<TlsPolicy> policies;
    for (const Walk& walk : config.targets.at(0).walks) policies.push_back(walk.modules.at(0).tls);
    return policies;  // mx, submission
  };
  EXPECT_EQ(policy_under("required"), (std::vector{TlsPolicy::required, TlsPolicy::verified}));
  EXPECT_EQ(policy_under("verified"), (std::vector{TlsPolicy::verified, TlsPolicy::verified}));
}

TEST(Errands, completes_a_recipient_without_a_domain_by_the_target) {
  const Config config = everything();
  EXPECT_EQ(config.modules.at("inbox").envelope, (Envelope{"probe@example.net", "abuse"}));
  const auto target = std::ranges::find(config.targets, Name::parse("envelope.example").value(), &Target::name);
  ASSERT_NE(target, config.targets.end());
  const auto& modules = target->walks.at(0).modules;
  EXPECT_EQ(modules.at(0).envelope, (Envelope{"probe@example.net", "abuse@envelope.example"}));
  EXPECT_EQ(modules.at(1).envelope, (Envelope{"", "post@example.org"}));
}

TEST(Modules, look_for_the_oldest_version_of_tls_where_they_say_so) {
  const Config config = everything();
  EXPECT_TRUE(config.modules.at("client").oldest_tls);
  EXPECT_FALSE(config.modules.at("mx").oldest_tls);
}

}  // namespace
}  // namespace mxhealth::config
