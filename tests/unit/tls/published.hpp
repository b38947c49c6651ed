// TLSA records of the tests' certificates, as a signed zone publishes them.
#pragma once

#include <openssl/sha.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/dane.hpp"
#include "tls/certificates.hpp"

namespace mxhealth::tls::testing {

using Octets = std::vector<std::uint8_t>;

inline Octets der(X509* certificate) {
  Octets octets(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* at = octets.data();
  i2d_X509(certificate, &at);
  return octets;
}
inline Octets key_of(X509* certificate) {
  unsigned char* made = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(certificate), &made);
  Octets octets(made, made + size);
  OPENSSL_free(made);
  return octets;
}
inline Octets digest(const Octets& octets, int matching_type) {
  if (matching_type == 0) return octets;
  Octets result(matching_type == 1 ? 32 : 64);
  if (matching_type == 1)
    SHA256(octets.data(), octets.size(), result.data());
  else
    SHA512(octets.data(), octets.size(), result.data());
  return result;
}

/// usage, selector, matching type, of that certificate.
inline TlsaRecord tlsa(int usage, int selector, int matching_type, const Issued& of) {
  X509* certificate = of.certificate.get();
  const Octets whole = selector == 0 ? der(certificate) : key_of(certificate);
  return {static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
          static_cast<std::uint8_t>(matching_type), digest(whole, matching_type)};
}

inline TlsaFacts published(std::vector<TlsaRecord> records) {
  return {.secure_host = true,
          .end = LookupEnd::records,
          .authenticated = true,
          .base = *Name::parse("mx.example.net"),
          .records = std::move(records)};
}

}  // namespace mxhealth::tls::testing
