// A question, and the packet that asks it. Sends nothing and chooses no id: whoever owns the socket does both.
// Cannot fail: a Name is within the limits of RFC 1035 section 2.3.4 by construction.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "model/name.hpp"

namespace mxhealth::dns {

/// The record types this program asks for or meets on the way (IANA "DNS Parameters").
enum class Type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  opt = 41,
  tlsa = 52,
};
std::string_view label(Type);  // "MX"; "other" for what is not listed above

inline constexpr std::uint16_t kClassInternet = 1;
inline constexpr std::uint16_t kUdpSize = 1232;  // fits one packet on every path (DNS flag day 2020)

struct Question {
  Name name;
  Type type = Type::a;
  friend auto operator<=>(const Question&, const Question&) = default;
};

struct QueryOptions {
  std::uint16_t id = 0;
  bool edns = true;  ///< an OPT record with DO and kUdpSize (RFC 6891, RFC 3225), always last in the packet
  bool checking_disabled = false;  ///< CD: answer even what fails validation (RFC 4035 section 3.2.2)
};

/// RD and AD are set: AD in a query says that we understand it in the answer (RFC 6840 section 5.7).
std::vector<std::uint8_t> make_query(const Question&, const QueryOptions&);

}  // namespace mxhealth::dns

template <>
struct std::hash<mxhealth::dns::Question> {
  std::size_t operator()(const mxhealth::dns::Question& q) const noexcept {
    return std::hash<mxhealth::Name>{}(q.name) * 31 + static_cast<std::size_t>(q.type);
  }
};
