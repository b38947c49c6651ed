// What a change of the web configuration may take away while the program runs: nothing that keeps people out.
#include "web/protection.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace mxhealth::web {
namespace {

TEST(OpensDoors, when_users_or_client_certificates_would_be_gone) {
  const Protection nothing;
  Protection users;
  users.config.users["scraper"] = Secret("$2y$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu");
  Protection certificates;
  certificates.config.tls.emplace().client_auth = config::ClientAuth::require_and_verify;
  EXPECT_TRUE(opens_doors(users, nothing));
  EXPECT_TRUE(opens_doors(certificates, nothing));
  EXPECT_TRUE(opens_doors(certificates, users));
  EXPECT_TRUE(opens_doors(users, certificates)) << "no context for TLS";
  certificates.tls.reset(SSL_CTX_new(TLS_server_method()));
  EXPECT_FALSE(opens_doors(users, certificates));
  EXPECT_FALSE(opens_doors(nothing, users));
  EXPECT_FALSE(opens_doors(users, users));
  Protection other_users;
  other_users.config.users["somebody"] = Secret("$2y$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu");
  EXPECT_FALSE(opens_doors(users, other_users));
}

}  // namespace
}  // namespace mxhealth::web
