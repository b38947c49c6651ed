// What is odd about a server without keeping mail away: a closed list, each with the sentence that explains it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxhealth {

enum class Finding : std::uint8_t {
  auth_before_tls,
  greet_delay,
  tarpit,
  starttls_masked,
  helo_only,
  cert_expired,
  cert_not_yet_valid,
  cert_name_mismatch,
  cert_self_signed,
  cert_unknown_authority,
  chain_incomplete,
  chain_expired,
  chain_not_yet_valid,
  cert_bad_signature,
  cert_wrong_purpose,
  chain_not_authority,
  chain_too_long,
  cert_name_constrained,
  cert_unhandled_extension,
  cert_weak_key,
  chain_weak_key,
  cert_md5,
  cert_sha1,
  chain_weak_digest,
  cert_without_san,
  cert_is_authority,
  cert_never_valid,
  chain_disordered,
  chain_surplus,
  cert_mismatch,
  tlsa_unmatched,
  tlsa_no_next_key,
  tlsa_unusable,
  accepts_tls_1_0,
  accepts_tls_1_1,
};

struct FindingRow {
  Finding finding;
  std::string_view label;
  std::string_view sentence;
};

inline constexpr std::array<FindingRow, 35> kFindings{{
    {Finding::auth_before_tls, "auth_before_tls",
     "AUTH is offered before TLS: a client that takes the offer sends its password in clear text."},
    {Finding::greet_delay, "greet_delay", "The greeting takes 5 s or more: on purpose, or for slow lookups about us."},
    {Finding::tarpit, "tarpit", "A reply behind the greeting takes 5 s or more."},
    {Finding::starttls_masked, "starttls_masked",
     "A firewall in between overwrites STARTTLS: mail travels in clear text (RFC 3207 section 6)."},
    {Finding::helo_only, "helo_only", "The server knows no EHLO, and with it neither TLS nor sizes nor statuses."},
    {Finding::cert_expired, "cert_expired", "The certificate has expired: senders that verify it do not deliver."},
    {Finding::cert_not_yet_valid, "cert_not_yet_valid",
     "The certificate is not valid yet: is the clock of the host that asked for it right?"},
    {Finding::cert_name_mismatch, "cert_name_mismatch", "The certificate is not for this server's name."},
    {Finding::cert_self_signed, "cert_self_signed",
     "The certificate is signed by its own key: nobody vouches for it, only DANE could."},
    {Finding::cert_unknown_authority, "cert_unknown_authority",
     "The chain ends at an authority that is not in the trust store."},
    {Finding::chain_incomplete, "chain_incomplete",
     "The server sends its certificate without the intermediate above it: most senders cannot complete the chain."},
    {Finding::chain_expired, "chain_expired", "A certificate above the server's own has expired."},
    {Finding::chain_not_yet_valid, "chain_not_yet_valid", "A certificate above the server's own is not valid yet."},
    {Finding::cert_bad_signature, "cert_bad_signature",
     "The signature of a certificate in the chain is wrong: it was changed, or another key signed it."},
    {Finding::cert_wrong_purpose, "cert_wrong_purpose",
     "The certificate is not meant for servers (extendedKeyUsage without serverAuth)."},
    {Finding::chain_not_authority, "chain_not_authority",
     "A certificate in the chain was issued by one that is no authority (basicConstraints)."},
    {Finding::chain_too_long, "chain_too_long",
     "The chain is longer than an authority in it allows (pathLenConstraint)."},
    {Finding::cert_name_constrained, "cert_name_constrained",
     "The certificate's name is outside of what its authority may issue for (nameConstraints)."},
    {Finding::cert_unhandled_extension, "cert_unhandled_extension",
     "A certificate in the chain has a critical extension that verifiers do not know."},
    {Finding::cert_weak_key, "cert_weak_key",
     "The certificate's key is weak: RSA below 2048 bits, or an elliptic one below 224."},
    {Finding::chain_weak_key, "chain_weak_key",
     "The key of an authority in the chain is weak: RSA below 2048 bits, or an elliptic one below 224."},
    {Finding::cert_md5, "cert_md5", "The certificate is signed with MD5, which can be forged."},
    {Finding::cert_sha1, "cert_sha1", "The certificate is signed with SHA-1, which many verifiers refuse."},
    {Finding::chain_weak_digest, "chain_weak_digest",
     "An authority in the chain is signed with SHA-1 or MD5, which many verifiers refuse."},
    {Finding::cert_without_san, "cert_without_san",
     "The certificate has its name in the common name only; many verifiers look at subjectAltName alone."},
    {Finding::cert_is_authority, "cert_is_authority", "The server's certificate is that of an authority (CA:TRUE)."},
    {Finding::cert_never_valid, "cert_never_valid", "The certificate ends before it begins: it is valid at no time."},
    {Finding::chain_disordered, "chain_disordered",
     "The certificates are sent in the wrong order (RFC 5246 section 7.4.2): old verifiers stumble."},
    {Finding::chain_surplus, "chain_surplus", "Certificates are sent that do not belong to the chain."},
    {Finding::cert_mismatch, "cert_mismatch",
     "Addresses of the server serve different certificates: a rollout that stopped half-way?"},
    {Finding::tlsa_unmatched, "tlsa_unmatched",
     "A published TLSA record matches no certificate that the server serves: the next key's, or a stale one."},
    {Finding::tlsa_no_next_key, "tlsa_no_next_key",
     "All TLSA records are of the present key: publish the next key's, wait two TTLs, then change the certificate."},
    {Finding::tlsa_unusable, "tlsa_unusable",
     "TLSA records exist, but none that mail servers can use (RFC 7672 section 3.1.3: usages 2 and 3 only)."},
    {Finding::accepts_tls_1_0, "accepts_tls_1_0",
     "The server still accepts TLS 1.0, which RFC 8996 forbids since 2021: are there senders left that need it?"},
    {Finding::accepts_tls_1_1, "accepts_tls_1_1",
     "The server still accepts TLS 1.1, which RFC 8996 forbids since 2021: are there senders left that need it?"},
}};

constexpr const FindingRow& row(Finding finding) { return kFindings[static_cast<std::size_t>(finding)]; }
constexpr std::string_view label(Finding finding) { return row(finding).label; }

constexpr bool findings_are_in_order() {
  for (std::size_t i = 0; i < kFindings.size(); ++i)
    if (kFindings[i].finding != static_cast<Finding>(i)) return false;
  return true;
}
static_assert(findings_are_in_order());

}  // namespace mxhealth
