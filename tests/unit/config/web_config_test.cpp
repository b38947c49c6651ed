#include "config/web_config.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using test::texts;
using Texts = std::vector<std::string>;

Texts problems_of(std::string_view text) { return texts(parse_web_config(text, "w")); }

TEST(WebConfig, that_asks_for_nothing_is_taken) {
  EXPECT_EQ(problems_of(""), Texts{});
  EXPECT_EQ(problems_of("{}\n"), Texts{});
  EXPECT_EQ(problems_of("# nothing yet\n"), Texts{});
  EXPECT_EQ(problems_of("basic_auth_users: {}\n"), Texts{});
  EXPECT_EQ(problems_of("http_server_config: {http2: false}\n"), Texts{});
  EXPECT_EQ(problems_of("rate_limit: {interval: 0s, burst: 20}\n"), Texts{});
}

TEST(WebConfig, with_http2_is_taken_with_a_warning) {
  EXPECT_EQ(problems_of("http_server_config: {http2: true}\n"),
            Texts{"w:1:29: warning: http_server_config.http2: HTTP/2 is not spoken here; HTTP/1.1 is"});
}

TEST(WebConfig, that_asks_for_protection_is_never_taken_silently) {
  for (const std::string text : {"tls_server_config: {cert_file: a, key_file: b}", "basic_auth_users: {u: x}",
                                 "rate_limit: {interval: 1s, burst: 1}", "tls_server_config: {}"}) {
    EXPECT_TRUE(has_errors(parse_web_config(text, "w"))) << text;
  }
}

TEST(WebConfig, keeps_hashes_and_keys_out_of_messages) {
  const std::string secret = "hunter2hunter2";
  for (const std::string& text :
       {"basic_auth_users: {u: " + secret + "}", "basic_auth_users: " + secret, "basic_auth_users: [" + secret + "]",
        "tls_server_config: {key: " + secret + "}", "tls_server_config: {key: [" + secret + "]}"}) {
    const Texts problems = problems_of(text);
    EXPECT_FALSE(problems.empty()) << text;
    for (const auto& problem : problems) EXPECT_EQ(problem.find(secret), std::string::npos) << problem;
  }
}

TEST(WebConfig, that_cannot_be_read_says_why) {
  const test::Scratch scratch;
  const auto file = scratch / "web.yml";
  EXPECT_EQ(texts(check_web_config(file)), Texts{file.string() + ": error: cannot be read: No such file or directory"});
  test::write_all(file, "{}\n");
  EXPECT_EQ(texts(check_web_config(file)), Texts{});
}

}  // namespace
}  // namespace mxhealth::config
