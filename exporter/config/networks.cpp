#include "config/networks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace mxhealth::config {
namespace {

std::optional<int> small_number(std::string_view text, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && number >= least && number <= most ? std::optional(number) : std::nullopt;
}

std::optional<Peer> parse_peer(std::string_view text, std::uint16_t usual_port) {
  if (const auto address = Address::parse(text)) return Peer{*address, usual_port};
  const bool bracketed = !text.empty() && text.front() == '[';
  if (bracketed) text.remove_prefix(1);
  const std::size_t end = bracketed ? text.find(']') : text.find(':');
  const auto address = Address::parse(text.substr(0, end));
  if (!address || end == std::string_view::npos || bracketed != (address->family() == Family::ipv6))
    return std::nullopt;
  std::string_view rest = text.substr(bracketed ? end + 1 : end);
  if (bracketed && rest.empty()) return Peer{*address, usual_port};
  if (rest.empty() || rest.front() != ':') return std::nullopt;
  const auto port = small_number(rest.substr(1), 1, 65535);
  return port ? std::optional(Peer{*address, static_cast<std::uint16_t>(*port)}) : std::nullopt;
}

bool has_bits_below(const Address& address, int bits) {
  const auto octets = address.bytes();
  for (std::size_t bit = static_cast<std::size_t>(bits); bit < octets.size() * 8; ++bit) {
    if ((octets[bit / 8] & (0x80U >> (bit % 8))) != 0) return true;
  }
  return false;
}

}  // namespace

bool contains(const Network& network, const Address& address) {
  if (network.address.family() != address.family()) return false;
  const auto base = network.address.bytes();
  const auto octets = address.bytes();
  for (std::size_t bit = 0; bit < static_cast<std::size_t>(network.bits); ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((base[bit / 8] & mask) != (octets[bit / 8] & mask)) return false;
  }
  return true;
}

std::optional<Address> address(const Field& field) {
  if (field.is(Node::Kind::scalar)) {
    if (auto parsed = Address::parse(field.node().text)) return parsed;
  }
  field.error("not an address", "an IPv4 or IPv6 address");
  return std::nullopt;
}

std::optional<Peer> PeerWithPort::operator()(const Field& field) const {
  if (field.is(Node::Kind::scalar)) {
    if (auto peer = parse_peer(field.node().text, usual_port)) return peer;
  }
  field.error("not an address with or without a port", "192.0.2.1, 192.0.2.1:53, 2001:db8::1 or [2001:db8::1]:53");
  return std::nullopt;
}

std::optional<Network> NetworkOf::operator()(const Field& field) const {
  const std::string_view text = field.is(Node::Kind::scalar) ? std::string_view(field.node().text) : "";
  const std::size_t slash = text.find('/');
  const auto base = Address::parse(text.substr(0, slash));
  const int most = base && base->family() == Family::ipv4 ? 32 : 128;
  const auto bits = slash == std::string_view::npos ? most : small_number(text.substr(slash + 1), 0, most);
  if (!base || !bits) {
    field.error("not an address or a network", "an address, or a network such as 192.0.2.0/28");
    return std::nullopt;
  }
  const int least = base->family() == Family::ipv4 ? least_bits_v4 : least_bits_v6;
  if (*bits < least) {
    field.error("too large a network", fmt::format("/{} to /{}", least, most));
    return std::nullopt;
  }
  if (has_bits_below(*base, *bits)) {
    field.error("bits are set below the prefix", "the first address of the network");
    return std::nullopt;
  }
  return Network{*base, *bits};
}

}  // namespace mxhealth::config
