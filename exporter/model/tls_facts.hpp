// What a TLS handshake showed: taken down whatever verification says, so that an expired certificate still has a date.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/finding.hpp"
#include "model/name.hpp"
#include "model/time.hpp"

namespace mxhealth {

/// Verdict on the chain alone (RFC 5280), before any name is compared.
enum class ChainVerdict : std::uint8_t { trusted, untrusted, expired, not_yet_valid };

using Fingerprint = std::array<std::uint8_t, 32>;  // SHA-256

/// Certificates as served, leaf first, in DER: they are compared with TLSA records long after the session.
using ServedChain = std::vector<std::vector<std::uint8_t>>;

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
  std::vector<Finding> flaws;    ///< what is wrong or odd with the certificates, in the order of the enumeration
  std::shared_ptr<const ServedChain> served;  ///< shared by all who met the same chain
};

struct TlsFacts {
  std::string version;  ///< OpenSSL's name: "TLSv1.3"
  std::string cipher;   ///< OpenSSL's name: "TLS_AES_256_GCM_SHA384"
  ServerName sni;
  std::optional<ChainFacts> chain;  ///< empty: no certificate was served
  Wall at{};
};

}  // namespace mxhealth
