#include "tls/chain.hpp"

#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

namespace mxhealth::tls {

void FreeCertificate::operator()(X509* certificate) const noexcept { X509_free(certificate); }

Chain Chain::of(const STACK_OF(X509) * served) {
  Chain chain;
  const int count = served == nullptr ? 0 : sk_X509_num(served);
  chain.served_ = static_cast<std::size_t>(std::max(count, 0));
  const std::size_t kept = std::min(chain.served_, kMaxChain);
  for (std::size_t i = 0; i < kept; ++i) {
    X509* certificate = sk_X509_value(served, static_cast<int>(i));
    X509_up_ref(certificate);
    chain.certificates_.emplace_back(certificate);
  }
  return chain;
}

// On the client's side the stack holds the leaf, too.
Chain Chain::served_to(const SSL* ssl) { return of(SSL_get_peer_cert_chain(ssl)); }

Fingerprint Chain::digest() const {
  std::vector<std::uint8_t> fingerprints;
  fingerprints.reserve(size() * sizeof(Fingerprint));
  for (const Certificate& certificate : certificates_) {
    const Fingerprint one = fingerprint(certificate.get());
    fingerprints.insert(fingerprints.end(), one.begin(), one.end());
  }
  Fingerprint all{};
  SHA256(fingerprints.data(), fingerprints.size(), all.data());
  return all;
}

Fingerprint fingerprint(const X509* certificate) {
  Fingerprint sha256{};
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), sha256.data(), &length);
  return sha256;
}

}  // namespace mxhealth::tls
