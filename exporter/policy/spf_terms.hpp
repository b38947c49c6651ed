// An SPF record as its terms (RFC 7208 sections 4.5, 4.6, 5, 6 and 12). Strict: what the grammar does not allow is a
// permerror for every receiver, so it is an error here. Macros are checked and kept as text; nothing is looked up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/address.hpp"

namespace mxhealth::policy {

inline constexpr std::size_t kMaxSpfRecord = 8192;  // octets; RFC 7208 section 3.4 advises to stay below 512
inline constexpr std::size_t kMaxSpfTerms = 512;

/// What a mechanism that matches says of the sender (section 4.6.2).
enum class SpfQualifier : std::uint8_t { pass, fail, softfail, neutral };

struct SpfMechanism {
  enum class Kind : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };

  Kind kind = Kind::all;
  SpfQualifier qualifier = SpfQualifier::pass;
  std::string domain{};              ///< the domain-spec as written; empty: the domain whose record this is
  std::optional<Address> network{};  ///< of ip4 and ip6; bits below the prefix may be set
  int bits_v4 = 32;                  ///< of ip4, a and mx
  int bits_v6 = 128;                 ///< of ip6, a and mx

  friend bool operator==(const SpfMechanism&, const SpfMechanism&) = default;
};
std::string_view label(SpfMechanism::Kind);  // as in the record: "ip4"
std::string to_string(
    const SpfMechanism&);  // as one would write it: "~all", "a:mail.example.com/24", printable and cut

/// Whether it costs one of the ten lookups (section 4.6.4).
constexpr bool asks(SpfMechanism::Kind kind) {
  using Kind = SpfMechanism::Kind;
  return kind != Kind::all && kind != Kind::ip4 && kind != Kind::ip6;
}

struct SpfModifier {
  std::string name;  ///< lower case
  std::string value;
  friend bool operator==(const SpfModifier&, const SpfModifier&) = default;
};

struct SpfRecord {
  std::vector<SpfMechanism> mechanisms;      ///< in the order in which they are tried
  std::optional<std::string> redirect{};     ///< domain-spec; counts only where no mechanism `all` is
  std::optional<std::string> explanation{};  ///< `exp`, domain-spec
  std::vector<SpfModifier> unknown{};        ///< to be passed over (section 6)

  friend bool operator==(const SpfRecord&, const SpfRecord&) = default;
};

/// Why a record is a permerror: a sentence's end, and the term it is about, made printable and cut.
struct SpfError {
  std::string why;
  std::string term{};  ///< empty: the record as a whole
  friend bool operator==(const SpfError&, const SpfError&) = default;
};
std::string to_string(const SpfError&);

/// Whether a TXT record is meant as SPF (section 4.5): "v=spf1" in any case, then a space or nothing.
bool is_spf(std::string_view text);

/// `text` must be SPF.
std::variant<SpfRecord, SpfError> parse_spf(std::string_view text);

}  // namespace mxhealth::policy
