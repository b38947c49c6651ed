// Certificates made at run time for the tests of this room: a test says what is odd about one, the rest is ordinary.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
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
inline Key elliptic_key() { return Key(EVP_EC_gen("P-256")); }
inline Key rsa_key(unsigned bits) { return Key(EVP_RSA_gen(bits)); }

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

inline void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

inline void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// `issuer` null: signed by its own key.
inline Issued issue(const Issued* issuer, const Wishes& wishes) {
  static long serial = 0;
  Issued made{Certificate(X509_new()), wishes.rsa_bits == 0 ? elliptic_key() : rsa_key(wishes.rsa_bits)};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate), std::chrono::system_clock::to_time_t(wishes.from));
  if (wishes.generalized_until.empty())
    ASN1_TIME_set(X509_getm_notAfter(certificate), std::chrono::system_clock::to_time_t(wishes.until));
  else
    must(ASN1_TIME_set_string(X509_getm_notAfter(certificate), wishes.generalized_until.c_str()) == 1, "date");
  const auto* name = reinterpret_cast<const unsigned char*>(wishes.subject.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, name, -1, -1, 0);
  X509* parent = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(parent));
  X509_set_pubkey(certificate, made.key.get());
  if (!wishes.alt_names.empty()) extend(certificate, parent, NID_subject_alt_name, wishes.alt_names);
  if (wishes.authority) extend(certificate, parent, NID_basic_constraints, "critical,CA:TRUE");
  if (!wishes.extended_usage.empty()) extend(certificate, parent, NID_ext_key_usage, wishes.extended_usage);
  EVP_PKEY* signer = issuer == nullptr ? made.key.get() : issuer->key.get();
  must(X509_sign(certificate, signer, wishes.digest) > 0, "X509_sign");
  return made;
}

inline Issued self_signed(const Wishes& wishes) { return issue(nullptr, wishes); }
inline Issued issued_by(const Issued& issuer, const Wishes& wishes) { return issue(&issuer, wishes); }

inline Issued authority(const std::string& name, Wall until = kNow + 3650 * kDay) {
  Wishes wishes;
  wishes.subject = name;
  wishes.alt_names.clear();
  wishes.authority = true;
  wishes.until = until;
  return self_signed(wishes);
}

inline Chain chain(std::initializer_list<const Issued*> served) {
  STACK_OF(X509)* stack = sk_X509_new_null();
  for (const Issued* one : served) sk_X509_push(stack, one->certificate.get());
  Chain made = Chain::of(stack);
  sk_X509_free(stack);
  return made;
}

inline TrustStore trusting(const Issued& anchor) {
  TrustStore store = TrustStore::trusting_nobody();
  must(X509_STORE_add_cert(store.native(), anchor.certificate.get()) == 1, "X509_STORE_add_cert");
  return store;
}

inline std::string pem(const Issued& issued) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, issued.certificate.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  std::string result(text, static_cast<std::size_t>(length));
  BIO_free(memory);
  return result;
}

}  // namespace mxhealth::tls::testing
