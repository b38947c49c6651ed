// What is wrong or odd with served certificates, each told by its own name: from what verification complained of, and
// from inspection of what it does not look at (keys, digests, order). Pure.
#pragma once

#include <span>
#include <vector>

#include "model/finding.hpp"
#include "tls/chain.hpp"

namespace mxhealth::tls {

inline constexpr std::size_t kMaxVerifyErrors = 64;  // kept of one verification
inline constexpr int kLeastRsaBits = 2048;           // NIST SP 800-57: 112 bits of security
inline constexpr int kLeastEllipticBits = 224;

/// One complaint of X509_verify_cert: X509_V_ERR_*, and about which certificate (0: the leaf).
struct VerifyError {
  int error = 0;
  int depth = 0;
};

/// In the order of the enumeration, each once; names are compared elsewhere. The chain is not empty.
std::vector<Finding> flaws_of(const Chain& chain, std::span<const VerifyError> errors);

}  // namespace mxhealth::tls
