// One DKIM key record (RFC 6376 section 3.6.1, RFC 8301, RFC 8463): what it says, and what is wrong with it. Pure; the
// key itself is read by OpenSSL, never used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/policy.hpp"

namespace mxhealth::policy {

inline constexpr unsigned kLeastRsaBits = 1024;    // RFC 8301 section 3.2: verifiers take nothing below
inline constexpr unsigned kAdvisedRsaBits = 2048;  // the same
inline constexpr unsigned kMostRsaBits = 4096;     // verifiers need not go above

struct DkimKey {
  enum class Type : std::uint8_t { rsa, ed25519, unknown };

  Type type = Type::rsa;
  unsigned bits = 0;     ///< by inspection; 0: there is no key that could be read
  bool revoked = false;  ///< an empty p (section 3.6.1)
  bool testing = false;  ///< t=y
  std::vector<PolicyNote> notes{};
};

DkimKey read_dkim_key(std::string_view record);

/// Bits of a public key in DER: SubjectPublicKeyInfo, or RSAPublicKey as the letter of RFC 6376 has it. None: no RSA
/// key.
std::optional<unsigned> rsa_bits(std::string_view der);

/// Base64 with white space anywhere in it (section 3.2). None: it is not that.
std::optional<std::string> from_folded_base64(std::string_view text);

}  // namespace mxhealth::policy
