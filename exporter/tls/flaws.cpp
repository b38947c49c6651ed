#include "tls/flaws.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <optional>
#include <set>

namespace mxhealth::tls {
namespace {

using Flaws = std::set<Finding>;

bool is_self_signed(X509* certificate) { return X509_self_signed(certificate, 0) == 1; }

bool issued(X509* issuer, X509* subject) { return X509_check_issued(issuer, subject) == X509_V_OK; }

// --- What verification complains of

struct Complaint {
  int error;
  Finding of_leaf;
  Finding above;
};
constexpr Complaint kComplaints[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, Finding::cert_expired, Finding::chain_expired},
    {X509_V_ERR_CERT_NOT_YET_VALID, Finding::cert_not_yet_valid, Finding::chain_not_yet_valid},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, Finding::cert_self_signed, Finding::cert_self_signed},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, Finding::cert_unknown_authority, Finding::cert_unknown_authority},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, Finding::cert_bad_signature, Finding::cert_bad_signature},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, Finding::cert_bad_signature, Finding::cert_bad_signature},
    {X509_V_ERR_INVALID_PURPOSE, Finding::cert_wrong_purpose, Finding::chain_not_authority},
    {X509_V_ERR_INVALID_CA, Finding::chain_not_authority, Finding::chain_not_authority},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, Finding::chain_not_authority, Finding::chain_not_authority},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, Finding::chain_too_long, Finding::chain_too_long},
    {X509_V_ERR_PERMITTED_VIOLATION, Finding::cert_name_constrained, Finding::cert_name_constrained},
    {X509_V_ERR_EXCLUDED_VIOLATION, Finding::cert_name_constrained, Finding::cert_name_constrained},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, Finding::cert_unhandled_extension, Finding::cert_unhandled_extension},
};

// Nothing says whether the issuer that was not sent is an intermediate or a root. Public roots sign no servers, so a
// certificate that comes alone misses the one above it; what ends at an intermediate misses a root, which nobody sends.
Finding missing_issuer(const Chain& chain) {
  return chain.size() == 1 ? Finding::chain_incomplete : Finding::cert_unknown_authority;
}

void add_complaints(const Chain& chain, std::span<const VerifyError> errors, Flaws& flaws) {
  for (const VerifyError& found : errors) {
    if (found.error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY && !is_self_signed(chain.leaf()))
      flaws.insert(missing_issuer(chain));
    for (const Complaint& complaint : kComplaints)
      if (complaint.error == found.error) flaws.insert(found.depth == 0 ? complaint.of_leaf : complaint.above);
  }
}

// --- What inspection shows

bool has_weak_key(X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return false;
  const int bits = EVP_PKEY_get_bits(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
    case EVP_PKEY_DSA: return bits < kLeastRsaBits;
    case EVP_PKEY_EC: return bits < kLeastEllipticBits;
    default: return false;  // Ed25519 and Ed448
  }
}

enum class OldDigest { md5, sha1 };

// A root is trusted for what it is: its signature counts for nothing.
std::optional<OldDigest> old_digest(X509* certificate) {
  int digest = NID_undef;
  if (is_self_signed(certificate) || X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1)
    return std::nullopt;
  if (digest == NID_md5) return OldDigest::md5;
  return digest == NID_sha1 ? std::optional(OldDigest::sha1) : std::nullopt;
}

bool has_names(X509* certificate) { return X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0; }

bool is_authority(X509* certificate) { return (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0; }

bool is_never_valid(X509* certificate) {
  return ASN1_TIME_compare(X509_get0_notAfter(certificate), X509_get0_notBefore(certificate)) < 0;
}

// Each is to be the issuer of the one before it. What issued none of those sent is surplus.
void add_order(const Chain& chain, Flaws& flaws) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (issued(chain[i], chain[i - 1])) continue;
    bool issued_one = false;
    for (std::size_t other = 0; other < chain.size(); ++other)
      issued_one = issued_one || (other != i && issued(chain[i], chain[other]));
    flaws.insert(issued_one ? Finding::chain_disordered : Finding::chain_surplus);
  }
}

void inspect(const Chain& chain, Flaws& flaws) {
  X509* leaf = chain.leaf();
  if (has_weak_key(leaf)) flaws.insert(Finding::cert_weak_key);
  if (const auto old = old_digest(leaf)) flaws.insert(*old == OldDigest::md5 ? Finding::cert_md5 : Finding::cert_sha1);
  if (!has_names(leaf)) flaws.insert(Finding::cert_without_san);
  if (is_authority(leaf) && !is_self_signed(leaf)) flaws.insert(Finding::cert_is_authority);
  if (is_never_valid(leaf)) flaws.insert(Finding::cert_never_valid);
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (has_weak_key(chain[i])) flaws.insert(Finding::chain_weak_key);
    if (old_digest(chain[i])) flaws.insert(Finding::chain_weak_digest);
  }
  add_order(chain, flaws);
}

}  // namespace

std::vector<Finding> flaws_of(const Chain& chain, std::span<const VerifyError> errors) {
  Flaws flaws;
  add_complaints(chain, errors, flaws);
  inspect(chain, flaws);
  ERR_clear_error();
  return {flaws.begin(), flaws.end()};
}

}  // namespace mxhealth::tls
