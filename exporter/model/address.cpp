#include "model/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace mxhealth {
namespace {

struct Block {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
};

// IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast and the former class E: not where mail is delivered.
constexpr Block kSpecialV4[] = {
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    {{224}, 4},
    {{240}, 4},
};

// IANA IPv6: global unicast is 2000::/3; what inside it is not for delivery is listed here.
constexpr Block kSpecialV6[] = {
    {{0x20, 0x01, 0x00}, 23},        // IETF protocol assignments, Teredo, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff}, 20},              // documentation (RFC 9637)
};

bool inside(std::span<const std::uint8_t> address, const Block& block) {
  for (unsigned bit = 0; bit < block.bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((address[bit / 8] & mask) != (block.prefix[bit / 8] & mask)) return false;
  }
  return true;
}

AddressScope scope_v4(std::span<const std::uint8_t> b) {
  if (b[0] == 127) return AddressScope::loopback;
  if (b[0] == 0 && b[1] == 0 && b[2] == 0 && b[3] == 0) return AddressScope::unspecified;
  const bool special = std::ranges::any_of(kSpecialV4, [&](const Block& block) { return inside(b, block); });
  return special ? AddressScope::other : AddressScope::global;
}

AddressScope scope_v6(std::span<const std::uint8_t> b) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::ranges::equal(b.first(12), kMapped)) return scope_v4(b.subspan(12));
  if (std::ranges::all_of(b.first(15), [](auto octet) { return octet == 0; })) {
    if (b[15] == 0) return AddressScope::unspecified;
    if (b[15] == 1) return AddressScope::loopback;
  }
  const bool unicast = (b[0] & 0xe0) == 0x20;
  const bool special = std::ranges::any_of(kSpecialV6, [&](const Block& block) { return inside(b, block); });
  return unicast && !special ? AddressScope::global : AddressScope::other;
}

}  // namespace

std::string_view label(Family family) { return family == Family::ipv4 ? "ipv4" : "ipv6"; }

Address Address::v4(std::span<const std::uint8_t, 4> bytes) {
  Address a;
  std::ranges::copy(bytes, a.bytes_.begin());
  return a;
}

Address Address::v6(std::span<const std::uint8_t, 16> bytes) {
  Address a;
  a.family_ = Family::ipv6;
  std::ranges::copy(bytes, a.bytes_.begin());
  return a;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1)
    return v4(std::span<const std::uint8_t, 4>(bytes.data(), 4));
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return v6(bytes);
  return std::nullopt;
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family_ == Family::ipv4 ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

bool Address::is_this_host() const {
  if (scope() == AddressScope::unspecified) return true;
  const auto b = bytes();
  constexpr std::array<std::uint8_t, 4> kLocalhost{127, 0, 0, 1};
  const bool v6_loopback = family_ == Family::ipv6 && scope() == AddressScope::loopback && b[10] == 0;
  return v6_loopback || (scope() == AddressScope::loopback && std::ranges::equal(b.last(4), kLocalhost));
}

AddressScope Address::scope() const { return family_ == Family::ipv4 ? scope_v4(bytes()) : scope_v6(bytes()); }

std::string to_string(const Peer& peer) {
  const std::string host = peer.address.to_string();
  const std::string port = std::to_string(peer.port);
  return peer.address.family() == Family::ipv4 ? host + ":" + port : "[" + host + "]:" + port;
}

}  // namespace mxhealth
