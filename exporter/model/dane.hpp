// What DNS says of a server's keys (TLSA records, RFC 6698), and how the certificates it serves compare (RFC 7672).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/dns_facts.hpp"

namespace mxhealth {

inline constexpr std::size_t kMaxTlsa = 32;  // records kept of one name; honest sets have four

struct TlsaRecord {
  std::uint8_t usage = 0;  ///< 2: DANE-TA, 3: DANE-EE; others are of no use between mail servers (RFC 7672, 3.1.3)
  std::uint8_t selector = 0;
  std::uint8_t matching_type = 0;
  std::vector<std::uint8_t> association;
  friend auto operator<=>(const TlsaRecord&, const TlsaRecord&) = default;
};

/// The TLSA records of one host and port.
struct TlsaFacts {
  bool secure_host =
      false;  ///< its addresses, or its alias, are signed; else nothing was asked (RFC 7672 section 2.2.2)
  LookupEnd end = LookupEnd::no_data;
  bool authenticated = false;         ///< AD bit; records without it count as none
  Name base{};                        ///< the TLSA base domain: the host, or what it is an alias of
  std::vector<TlsaRecord> records{};  ///< sorted, unique
  friend bool operator==(const TlsaFacts&, const TlsaFacts&) = default;
};

/// How a server stands with its TLSA records.
enum class DaneState : std::uint8_t {
  none,           ///< no secure records: DANE does not apply
  secure_match,   ///< they match the certificates served
  mismatch,       ///< they match none, or there is no TLS: senders with DANE do not deliver
  unusable,       ///< none that mail servers can use: TLS is demanded, but not verified
  lookup_failed,  ///< senders with DANE wait (RFC 7672 section 2.1.2)
};
inline constexpr std::array<std::string_view, 5> kDaneStateLabels{"none", "secure_match", "mismatch", "unusable",
                                                                  "lookup_failed"};
constexpr std::string_view label(DaneState state) { return kDaneStateLabels[static_cast<std::size_t>(state)]; }

/// Whether there is a set of records that certificates can be compared with.
inline bool has_records(const TlsaFacts& tlsa) {
  return tlsa.secure_host && tlsa.end == LookupEnd::records && tlsa.authenticated && !tlsa.records.empty();
}

}  // namespace mxhealth
