// A DNS name as mail uses it: lower-case A-labels without the final dot, "" being the root (a null MX, RFC 7505).
// Letters, digits, hyphen and underscore only, so that a Name can be a label value whoever published it.
// Does not convert U-labels: config/idn does.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mxhealth {

inline constexpr std::size_t kMaxName = 253;      // RFC 1035 section 2.3.4, in presentation form
inline constexpr std::size_t kMaxNameLabel = 63;  // RFC 1035 section 2.3.4

class Address;

class Name {
 public:
  Name() = default;  // the root

  /// Folds case and drops one final dot. Empty when `text` is not such a name (empty labels, other octets, too long).
  static std::optional<Name> parse(std::string_view text);

  /// An address where a host name is wanted: the only Name with colons in it.
  static Name of(const Address& address);

  std::string_view view() const { return text_; }
  const std::string& str() const { return text_; }
  bool is_root() const { return text_.empty(); }
  bool is_single_label() const { return !is_root() && text_.find('.') == std::string::npos; }

  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  std::string text_;
};

using DomainName = Name;  // what is mailed to
using ServerName = Name;  // what answers: an MX host, a submission host

}  // namespace mxhealth

template <>
struct std::hash<mxhealth::Name> {
  std::size_t operator()(const mxhealth::Name& n) const noexcept { return std::hash<std::string>{}(n.str()); }
};
