#include "config/web_config.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using test::texts;
using Texts = std::vector<std::string>;

Texts problems_of(std::string_view text) { return texts(parse_web_config(text, "w").problems); }

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

constexpr std::string_view kHash = "$2y$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

TEST(WebConfig, says_how_to_speak_tls) {
  const auto loaded = parse_web_config(
      "tls_server_config: {cert_file: a.pem, key_file: /k/a.key, client_ca_file: ca.pem, client_auth_type: "
      "RequireAndVerifyClientCert, client_allowed_sans: [prometheus.example.net], min_version: TLS13, "
      "cipher_suites: [TLS_AES_128_GCM_SHA256], prefer_server_cipher_suites: false, curve_preferences: [CurveP256]}",
      "w", "/etc/mx");
  ASSERT_EQ(texts(loaded.problems), Texts{});
  const TlsServer& tls = *loaded.config->tls;
  EXPECT_EQ(tls.cert.file, "/etc/mx/a.pem");  // beside the file that names it
  EXPECT_EQ(tls.key.file, "/k/a.key");
  EXPECT_EQ(tls.client_ca.file, "/etc/mx/ca.pem");
  EXPECT_EQ(tls.client_auth, ClientAuth::require_and_verify);
  EXPECT_EQ(tls.client_allowed_sans, Texts{"prometheus.example.net"});
  EXPECT_EQ(tls.min_version, 0x0304);
  EXPECT_EQ(tls.cipher_suites, Texts{"TLS_AES_128_GCM_SHA256"});
  EXPECT_FALSE(tls.prefer_server_cipher_suites);
  EXPECT_EQ(tls.curves, Texts{"P-256"});
}

TEST(WebConfig, says_who_may_come_how_often_and_what_is_told_them) {
  const auto loaded = parse_web_config("basic_auth_users: {prometheus: \"" + std::string(kHash) +
                                           "\"}\nrate_limit: {interval: 500ms}\nhttp_server_config: {headers: "
                                           "{X-Frame-Options: deny, X-Content-Type-Options: \"\"}}\n",
                                       "w");
  ASSERT_EQ(texts(loaded.problems), Texts{});
  EXPECT_EQ(loaded.config->users.at("prometheus").reveal(), kHash);
  EXPECT_EQ(loaded.config->rate_limit, (RateLimit{std::chrono::milliseconds(500), 20}));
  ASSERT_EQ(loaded.config->headers.size(), 1U);
  EXPECT_EQ(loaded.config->headers[0], (std::pair<std::string_view, std::string>{"X-Frame-Options", "deny"}));
}

TEST(WebConfig, knows_the_cost_of_a_hash) {
  EXPECT_EQ(bcrypt_cost(kHash), 10);
  EXPECT_EQ(bcrypt_cost("$2c$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), std::nullopt);
  EXPECT_EQ(bcrypt_cost("$6$salt$hash"), std::nullopt);
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
  EXPECT_EQ(texts(load_web_config(file).problems),
            Texts{file.string() + ": error: cannot be read: No such file or directory"});
  test::write_all(file, "{}\n");
  EXPECT_EQ(texts(load_web_config(file).problems), Texts{});
}

}  // namespace
}  // namespace mxhealth::config
