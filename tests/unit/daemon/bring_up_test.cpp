#include "daemon/bring_up.hpp"

#include <sys/resource.h>

#include "daemon/fixture.hpp"
#include "tls/certificates.hpp"

namespace mxhealth::daemon {
namespace {

const std::string kGood = R"(global: {ehlo_name: probe.example.org}
resolvers: [127.0.0.1]
targets: [{domain: example.net}]
)";

bool mentions(const std::vector<std::string>& lines, const std::string& text) {
  for (const std::string& line : lines)
    if (line.find(text) != std::string::npos) return true;
  return false;
}

TEST(BringUp, a_good_file_is_ready_to_use) {
  const Directory directory;
  const BroughtUp up = bring_up(directory.write("good.yml", kGood));
  ASSERT_TRUE(up.ready.has_value());
  EXPECT_TRUE(up.errors.empty());
  EXPECT_EQ(up.ready->config.targets.size(), 1U);
  EXPECT_EQ(up.ready->config.global.ehlo_name, *Name::parse("probe.example.org"));
  EXPECT_EQ(up.ready->config.resolvers.size(), 1U);
  EXPECT_GE(up.ready->in_flight, 16U);
}

TEST(BringUp, a_shard_gets_its_own_targets_those_of_files_too_and_maybe_none) {
  const Directory directory;
  directory.write("more.yml", "- domain: b.example\n- domain: c.example\n");
  const auto file = directory.write("c.yml", kGood + "target_files: [more.yml]\n");
  std::size_t together = 0;
  for (std::size_t index = 0; index < 4; ++index) {
    const BroughtUp up = bring_up(file, {.index = index, .count = 4});  // three targets: at least one has none
    ASSERT_TRUE(up.ready.has_value()) << index;
    EXPECT_EQ(up.ready->all_targets, 3U);
    for (const auto& target : up.ready->config.targets) EXPECT_EQ(config::shard_of(target.name.view(), 4), index);
    together += up.ready->config.targets.size();
  }
  EXPECT_EQ(together, 3U);
}

TEST(BringUp, a_missing_or_broken_file_is_an_error_that_names_it) {
  const Directory directory;
  const BroughtUp missing = bring_up(directory / "missing.yml");
  EXPECT_FALSE(missing.ready.has_value());
  EXPECT_TRUE(mentions(missing.errors, "missing.yml"));
  const BroughtUp broken = bring_up(directory.write("broken.yml", "targets: [{domian: example.net}]\n"));
  EXPECT_FALSE(broken.ready.has_value());
  EXPECT_TRUE(mentions(broken.errors, "broken.yml:1:"));
  const BroughtUp empty = bring_up(directory.write("empty.yml", ""));
  EXPECT_FALSE(empty.ready.has_value());
  EXPECT_FALSE(empty.errors.empty());
}

TEST(BringUp, a_trust_store_that_is_none_is_an_error_that_names_its_file) {
  const Directory directory;
  const auto ca = directory.write("ca.pem", "this is no certificate\n");
  const BroughtUp up =
      bring_up(directory.write("c.yml", "global: {ehlo_name: probe.example.org, tls_ca_file: " + ca.string() +
                                            "}\nresolvers: [127.0.0.1]\n"
                                            "targets: [{domain: example.net}]\n"));
  EXPECT_FALSE(up.ready.has_value());
  EXPECT_TRUE(mentions(up.errors, "ca.pem"));
}

TEST(BringUp, a_trust_store_of_ones_own_is_loaded) {
  const Directory directory;
  const auto ca = directory.write("ca.pem", tls::testing::pem(tls::testing::authority("Test")));
  const BroughtUp up =
      bring_up(directory.write("c.yml", "global: {ehlo_name: probe.example.org, tls_ca_file: " + ca.string() +
                                            "}\nresolvers: [127.0.0.1]\n"
                                            "targets: [{domain: example.net}]\n"));
  EXPECT_TRUE(up.ready.has_value());
}

TEST(BringUp, all_that_is_wrong_is_said_at_once) {
  const Directory directory;
  const BroughtUp up = bring_up(directory.write("c.yml",
                                                "global: {ehlo_name: probe, interval: 1s}\n"
                                                "targets: [{domain: example..net}]\n"));
  EXPECT_FALSE(up.ready.has_value());
  EXPECT_GE(up.errors.size(), 3U);
}

TEST(BringUp, target_files_are_read_relative_to_the_file) {
  const Directory directory;
  directory.write("more.yml", "targets: [{domain: other.example}]\n");
  const BroughtUp up = bring_up(directory.write("c.yml", std::string(kGood) + "target_files: [more.yml]\n"));
  ASSERT_TRUE(up.ready.has_value()) << (up.errors.empty() ? "" : up.errors[0]);
  EXPECT_EQ(up.ready->config.targets.size(), 2U);
}

TEST(BringUp, sessions_in_flight_are_lowered_to_what_the_descriptors_allow_and_that_is_said) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  if (before.rlim_max == RLIM_INFINITY || before.rlim_max > 1'000'000'000) GTEST_SKIP() << "no limit here";
  const Directory directory;
  const auto wanted = std::to_string(before.rlim_max);
  const BroughtUp up = bring_up(directory.write("c.yml", std::string(kGood) + "limits: {in_flight: " + wanted + "}\n"));
  ::setrlimit(RLIMIT_NOFILE, &before);
  if (!up.ready) GTEST_SKIP() << "the configuration allows fewer: " << up.errors.at(0);
  EXPECT_LT(up.ready->in_flight, before.rlim_max);
  EXPECT_TRUE(mentions(up.warnings, "limits.in_flight"));
}

}  // namespace
}  // namespace mxhealth::daemon
