// What a TLS handshake showed: taken down whatever verification says, so that an expired certificate still has a date.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/name.hpp"
#include "model/time.hpp"

namespace mxhealth {

/// Verdict on the chain alone (RFC 5280), before any name is compared.
enum class ChainVerdict : std::uint8_t { trusted, untrusted, expired, not_yet_valid };

using Fingerprint = std::array<std::uint8_t, 32>;  // SHA-256

struct NameMatch {
  ServerName name;
  bool matches = false;  // RFC 6125, subjectAltName first
};

/// The served chain, judged. Dates of the leaf, and the earliest end in the served chain.
struct ChainFacts {
  ChainVerdict verdict = ChainVerdict::untrusted;
  bool self_signed = false;
  int verify_error = 0;  ///< X509_V_ERR_*, for the transcript
  Wall leaf_not_before{};
  Wall leaf_not_after{};
  Wall chain_not_after{};
  Fingerprint leaf_sha256{};
  std::uint8_t length = 0;       ///< certificates served
  std::vector<NameMatch> names;  ///< every name that shares the session
};

struct TlsFacts {
  std::string version;  ///< OpenSSL's name: "TLSv1.3"
  std::string cipher;   ///< OpenSSL's name: "TLS_AES_256_GCM_SHA384"
  ServerName sni;
  std::optional<ChainFacts> chain;  ///< empty: no certificate was served
  Wall at{};
};

}  // namespace mxhealth
