// What a domain publishes about its mail besides MX records: which policies there are, and what one look at one of them
// showed. Facts and sentences for people; whether they are alarming is told by their gravity alone.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/name.hpp"
#include "model/time.hpp"

namespace mxhealth {

inline constexpr std::size_t kMaxPolicyNotes = 20;   // told of one policy; more are left out
inline constexpr std::size_t kMaxPolicyText = 4096;  // octets kept of what is published, for pages
inline constexpr std::size_t kMaxPolicyNote = 400;   // octets of a sentence

/// SPF (RFC 7208), DMARC (RFC 7489), DKIM keys (RFC 6376), MTA-STS (RFC 8461), TLS reports (RFC 8460), BIMI.
enum class Policy : std::uint8_t { spf, dmarc, dkim, mta_sts, tls_rpt, bimi };
inline constexpr std::array kPolicies{Policy::spf,     Policy::dmarc,   Policy::dkim,
                                      Policy::mta_sts, Policy::tls_rpt, Policy::bimi};
inline constexpr std::array<std::string_view, 6> kPolicyLabels{"spf", "dmarc", "dkim", "mta_sts", "tls_rpt", "bimi"};
constexpr std::string_view label(Policy policy) { return kPolicyLabels[static_cast<std::size_t>(policy)]; }

enum class Gravity : std::uint8_t {
  broken,  ///< receivers reject, ignore or misread it: the policy is not valid
  risky,   ///< works, but not as whoever published it will have meant
  note,    ///< worth knowing
};

struct PolicyNote {
  Gravity gravity = Gravity::note;
  std::string sentence;  ///< printable, for a mail admin, with what to do
  friend bool operator==(const PolicyNote&, const PolicyNote&) = default;
};

/// What senders are to do about hosts that a policy does not cover, or that they cannot verify (RFC 8461 section 5).
enum class StsMode : std::uint8_t { none, testing, enforce };
inline constexpr std::array<std::string_view, 3> kStsModeLabels{"none", "testing", "enforce"};
constexpr std::string_view label(StsMode mode) { return kStsModeLabels[static_cast<std::size_t>(mode)]; }

/// An MTA-STS policy, as senders hold it until `max_age` after they fetched it.
struct MtaSts {
  std::string id{};  ///< of the TXT record that announced it
  StsMode mode = StsMode::none;
  std::vector<std::string> mx{};  ///< lower case: a host name, or one whose left-most label is "*"
  std::chrono::seconds max_age{0};
  Wall fetched{};
};

/// What one look showed.
struct PolicyFacts {
  bool looked_up = true;  ///< false: DNS or HTTPS failed for now, `notes` say why; what was known before stays
  bool present = false;   ///< something is published
  std::string mode{};     ///< one of the policy's few words ("reject", "enforce"); empty where nothing is published
  std::vector<PolicyNote> notes{};        ///< the gravest first
  std::string text{};                     ///< as published, printable: changes are seen in it
  std::optional<unsigned> dns_lookups{};  ///< SPF: terms that ask, through includes (RFC 7208 section 4.6.4)
  std::optional<Wall> not_after{};        ///< MTA-STS: end of the policy host's certificate, verified or not
  std::optional<MtaSts> mta_sts{};  ///< what was fetched; when that failed, what was fetched before and still holds
};

/// Present, and nothing about it is broken. None: nothing is published.
std::optional<bool> is_valid(const PolicyFacts&);

/// The gravest first, cut to kMaxPolicyNotes, sentences printable and cut to kMaxPolicyNote.
std::vector<PolicyNote> in_order(std::vector<PolicyNote> notes);

/// What reverse DNS says of an address (RFC 1912 section 2.1).
struct PtrFacts {
  bool looked_up = true;           ///< false: a lookup failed for now, `notes` say why
  std::vector<Name> names{};       ///< of its PTR records, at most kMaxPtrNames
  bool forward_confirmed = false;  ///< some of the names has this address
  std::vector<PolicyNote> notes{};
};

inline constexpr std::size_t kMaxPtrNames = 10;

/// How an address came to be looked at: one that sends as the configuration says, a host of a target of ours, or of
/// somebody else's.
enum class PtrSource : std::uint8_t { configured, own, target };
inline constexpr std::array<std::string_view, 3> kPtrSourceLabels{"configured", "own", "target"};
constexpr std::string_view label(PtrSource source) { return kPtrSourceLabels[static_cast<std::size_t>(source)]; }

}  // namespace mxhealth
