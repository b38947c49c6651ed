// IP addresses as values: parse, print, order, and the question that decides whether we may dial one.
// No sockets. An IPv4-mapped IPv6 address is judged as the IPv4 address it holds.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mxhealth {

enum class Family : std::uint8_t { ipv4, ipv6 };
std::string_view label(Family);  // "ipv4", "ipv6"

/// What an address is for, after the IANA special-purpose registries (RFC 6890 and its updates).
enum class AddressScope : std::uint8_t { global, loopback, unspecified, other };

class Address {
 public:
  Address() = default;  // 0.0.0.0
  static Address v4(std::span<const std::uint8_t, 4> bytes);
  static Address v6(std::span<const std::uint8_t, 16> bytes);
  static std::optional<Address> parse(std::string_view text);  // no brackets, no zone id

  Family family() const { return family_; }
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), family_ == Family::ipv4 ? 4U : 16U}; }
  std::string to_string() const;
  AddressScope scope() const;
  bool is_global() const { return scope() == AddressScope::global; }
  bool is_this_host() const;  ///< 127.0.0.1, ::1, 0.0.0.0 or ::, mapped or not: where a sender meets itself

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  Family family_ = Family::ipv4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// One TCP peer.
struct Peer {
  Address address;
  std::uint16_t port = 0;
  friend auto operator<=>(const Peer&, const Peer&) = default;
};
std::string to_string(const Peer&);  // 192.0.2.1:25, [2001:db8::1]:25

}  // namespace mxhealth

template <>
struct std::hash<mxhealth::Address> {
  std::size_t operator()(const mxhealth::Address& a) const noexcept {
    const auto b = a.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(b.data()), b.size()});
  }
};

template <>
struct std::hash<mxhealth::Peer> {
  std::size_t operator()(const mxhealth::Peer& p) const noexcept {
    return std::hash<mxhealth::Address>{}(p.address) * 31 + p.port;
  }
};
