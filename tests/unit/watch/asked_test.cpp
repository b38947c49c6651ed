#include "watch/asked.hpp"

#include <gtest/gtest.h>

#include "config/load.hpp"

namespace mxhealth::watch {
namespace {

using config::HostSource;
using config::Target;

constexpr const char* kConfig = R"(
global: {ehlo_name: probe.example.org}
modules:
  relay: {role: mx, port: 2525, starttls: required}
  inbox: {role: mx, port: 25, envelope: {from: "", to: postmaster}}
targets:
  - domain: example.com
    modules: [mx, submission]
    submission: [smtp.example.com]
    expect: {starttls: required}
  - server: relay.example.net
    modules: [relay]
probe_endpoint: {allow: [allowed.example, 192.0.2.0/24, "2001:db8::/32"]}
)";

struct Asked : testing::Test {
  config::Config config = *config::parse_config(kConfig, "test.yml").config;

  Target target(std::string_view text, std::string_view module = {}, Asker asker = Asker::the_operator) {
    auto answer = asked_for(config, text, module, asker);
    if (const auto* refusal = std::get_if<Refusal>(&answer)) {
      ADD_FAILURE() << text << ": " << refusal->sentence;
      return {};
    }
    return std::get<Target>(std::move(answer));
  }
  std::optional<Refusal> refusal(std::string_view text, std::string_view module = {}) {
    auto answer = asked_for(config, text, module, Asker::anybody);
    auto* refused = std::get_if<Refusal>(&answer);
    return refused == nullptr ? std::nullopt : std::optional(*refused);
  }
};

TEST_F(Asked, a_configured_domain_is_meant_as_it_is_configured) {
  const Target made = target("EXAMPLE.com.");
  ASSERT_EQ(made.walks.size(), 2U);
  EXPECT_EQ(made.walks[0].source, HostSource::mx_records);
  EXPECT_EQ(made.walks[0].modules.front().tls, TlsPolicy::required);
  EXPECT_EQ(made.walks[1].hosts.front().view(), "smtp.example.com");
}

TEST_F(Asked, a_module_chooses_the_role) {
  const Target submission = target("example.com", "submission");
  ASSERT_EQ(submission.walks.size(), 1U);
  EXPECT_EQ(submission.walks[0].role, Role::submission);
  EXPECT_EQ(submission.walks[0].hosts.front().view(), "smtp.example.com");
  const Target other = target("example.com", "relay");
  EXPECT_EQ(other.walks[0].source, HostSource::mx_records) << "its MX hosts by another module";
  EXPECT_EQ(other.walks[0].modules.front().port, 2525);
}

TEST_F(Asked, an_unknown_bare_name_is_a_domain_for_mx_and_a_host_for_submission) {
  EXPECT_EQ(target("other.example").walks[0].source, HostSource::mx_records);
  EXPECT_EQ(target("other.example").kind, Target::Kind::domain);
  const Target host = target("smtp.other.example", "submission");
  EXPECT_EQ(host.walks[0].source, HostSource::named_hosts);
  EXPECT_EQ(host.walks[0].hosts.front().view(), "smtp.other.example");
  EXPECT_EQ(host.kind, Target::Kind::server);
}

TEST_F(Asked, a_configured_server_is_a_host_by_its_bare_name) {
  const Target made = target("relay.example.net", "mx");
  EXPECT_EQ(made.walks[0].source, HostSource::named_hosts);
  EXPECT_EQ(made.walks[0].modules.front().port, 25);
}

TEST_F(Asked, with_a_port_or_as_an_address_it_is_that_host) {
  EXPECT_EQ(target("mx.other.example:2526").walks[0].modules.front().port, 2526);
  EXPECT_EQ(target("mx.other.example:2526").walks[0].source, HostSource::named_hosts);
  EXPECT_EQ(target("mx.other.example:465").walks[0].modules.front().name, "submissions");
  EXPECT_EQ(target("192.0.2.1").name.view(), "192.0.2.1");
  EXPECT_EQ(target("2001:db8::1").name.view(), "2001:db8::1");
  EXPECT_EQ(target("[2001:DB8::1]").name.view(), "2001:db8::1");
  EXPECT_EQ(target("[2001:db8::1]:587").walks[0].modules.front().name, "submission");
  EXPECT_EQ(target("relay.example.net:2525").walks[0].modules.front().tls, TlsPolicy::required);
}

TEST_F(Asked, a_recipient_is_meant_at_the_target) {
  EXPECT_EQ(target("other.example", "inbox").walks[0].modules.front().envelope->to, "postmaster@other.example");
}

TEST_F(Asked, what_cannot_be_read_is_said_in_harmless_words) {
  for (const char* text :
       {"", "a b", "-a.example", "example.com:0", "example.com:65536", "example.com:", "[::1", "[::1]x",
        "example.com:25:25", "user@example.com", "\x1b[31m.example", "<b>.example", "256.1.1.1", "1:2:3"}) {
    const auto refused = refusal(text);
    ASSERT_TRUE(refused.has_value()) << text;
    EXPECT_EQ(refused->why, Refusal::Why::malformed) << text;
    EXPECT_EQ(refused->sentence.find('\x1b'), std::string::npos);
  }
  EXPECT_LT(refusal(std::string(1025, 'a'))->sentence.size(), 100U);
  EXPECT_LT(refusal(std::string(1000, 'a'))->sentence.size(), 300U);
}

TEST_F(Asked, an_unknown_module_is_told_which_there_are) {
  const auto refused = refusal("example.com", "smtp");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->why, Refusal::Why::unknown_module);
  EXPECT_NE(refused->sentence.find("inbox, mx, relay, submission, submissions"), std::string::npos);
}

TEST_F(Asked, anybody_may_ask_for_what_is_configured_or_allowed) {
  for (const char* text :
       {"example.com", "relay.example.net", "smtp.example.com:587", "allowed.example", "A.b.allowed.example",
        "mx.allowed.example:2526", "192.0.2.77", "192.0.2.77:2526", "[2001:db8::9]:25"})
    EXPECT_FALSE(refusal(text).has_value()) << text;
}

TEST_F(Asked, anybody_is_refused_the_rest_by_the_name_of_the_rule) {
  for (const char* text : {"other.example", "notallowed.example", "allowed.example.org", "192.0.3.1", "198.51.100.1:25",
                           "2001:db9::1", "::ffff:192.0.2.1", "example.com.evil.example", "com"}) {
    const auto refused = refusal(text);
    ASSERT_TRUE(refused.has_value()) << text;
    EXPECT_EQ(refused->why, Refusal::Why::not_allowed) << text;
    EXPECT_NE(refused->sentence.find("probe_endpoint.allow"), std::string::npos) << text;
  }
}

TEST_F(Asked, a_configured_host_is_no_gate_to_all_of_its_ports) {
  EXPECT_EQ(refusal("example.com:22")->why, Refusal::Why::not_allowed);
  EXPECT_FALSE(refusal("relay.example.net:2525").has_value());
}

// Every scrape would be a try, and accounts get locked.
TEST_F(Asked, nobody_makes_us_log_in) {
  config.modules["login"] = {.name = "login", .role = Role::submission, .port = 587, .tls = TlsPolicy::verified};
  config.modules["login"].auth = Login{};
  config.targets[0].walks[1].modules = {config.modules["login"]};
  EXPECT_EQ(refusal("smtp.allowed.example", "login")->why, Refusal::Why::not_allowed);
  EXPECT_EQ(refusal("192.0.2.1:587", "login")->why, Refusal::Why::not_allowed);
  EXPECT_EQ(refusal("example.com", "login")->why, Refusal::Why::not_allowed);
  const config::Config asked = alone(config, config.targets[0], Asker::anybody);
  EXPECT_FALSE(asked.targets[0].walks[1].modules[0].auth.has_value());
  const config::Config checked = alone(config, config.targets[0], Asker::the_operator);
  EXPECT_TRUE(checked.targets[0].walks[1].modules[0].auth.has_value());
}

}  // namespace
}  // namespace mxhealth::watch
