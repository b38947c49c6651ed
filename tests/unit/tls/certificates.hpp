// Certificates made at run time for the tests of this room: a test says what is odd about one, the rest is ordinary.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "model/time.hpp"
#include "tls/chain.hpp"
#include "tls/trust_store.hpp"

namespace mxhealth::tls::testing {

using namespace std::chrono_literals;

inline constexpr Wall kNow = Wall(std::chrono::seconds(1'800'000'000));  // 2027-01-15 08:00 UTC
inline constexpr auto kDay = std::chrono::hours(24);

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
Key elliptic_key();
Key rsa_key(unsigned bits);

struct Wishes {
  std::string subject = "mx.example.net";
  std::string alt_names = "DNS:mx.example.net";  // as openssl.cnf has them; empty: none
  Wall from = kNow - 30 * kDay, until = kNow + 60 * kDay;
  std::string generalized_until;  // instead of `until`: "99991231235959Z"
  const EVP_MD* digest = EVP_sha256();
  unsigned rsa_bits = 0;  // 0: an elliptic key
  bool authority = false;
  std::string extended_usage;  // "clientAuth"
};

/// A certificate with its key.
struct Issued {
  Certificate certificate;
  Key key;
};
Issued self_signed(const Wishes&);
Issued issued_by(const Issued& issuer, const Wishes&);
Issued authority(const std::string& name, Wall until = kNow + 3650 * kDay);

Chain chain(std::initializer_list<const Issued*>);
TrustStore trusting(const Issued&);
std::string pem(const Issued&);

}  // namespace mxhealth::tls::testing
