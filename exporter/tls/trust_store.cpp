#include "tls/trust_store.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace mxhealth::tls {
namespace {

// Where distributions keep one file with all authorities. The first that can be read is taken.
constexpr std::array kBundles{
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora and its kin
    "/etc/ssl/ca-bundle.pem",              // openSUSE
    "/etc/ssl/cert.pem",                   // the BSDs, Alpine
};

// OpenSSL's own variable is honoured, as its programs do.
std::string system_bundle() {
  if (const char* named = std::getenv(X509_get_default_cert_file_env()); named != nullptr && *named != '\0')
    return named;
  for (const char* bundle : kBundles)
    if (::access(bundle, R_OK) == 0) return bundle;
  return {};
}

std::string last_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace

void FreeTrustStore::operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }

std::variant<TrustStore, TrustStore::Error> TrustStore::load(const std::string& ca_file) {
  const std::string file = ca_file.empty() ? system_bundle() : ca_file;
  if (file.empty()) return Error{"no trust store found: install ca-certificates, or name a file in global.tls_ca_file"};
  TrustStore store = trusting_nobody();
  if (::access(file.c_str(), R_OK) != 0) return Error{"cannot read the trust store " + file};
  ERR_clear_error();
  if (X509_STORE_load_file(store.native(), file.c_str()) != 1)
    return Error{"cannot load the trust store " + file + ": " + last_reason()};
  return store;
}

TrustStore TrustStore::share() const {
  X509_STORE_up_ref(store_.get());
  return TrustStore(store_.get());
}

TrustStore TrustStore::trusting_nobody() { return TrustStore(X509_STORE_new()); }

}  // namespace mxhealth::tls
