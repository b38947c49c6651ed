// DNS messages made by hand, octet by octet, the wrong ones too. No compression unless a test writes the pointer
// itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "dns/query.hpp"

namespace mxhealth::dns::test {

using Octets = std::vector<std::uint8_t>;

inline void put16(Octets& to, std::size_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}
inline void put32(Octets& to, std::uint32_t value) {
  put16(to, value >> 16);
  put16(to, value & 0xffff);
}
inline void put(Octets& to, const Octets& more) { to.insert(to.end(), more.begin(), more.end()); }

/// "a.example" as labels; "." or "" is the root.
inline Octets wire_name(std::string_view name) {
  Octets wire;
  if (name == ".") name = "";
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    wire.insert(wire.end(), label.begin(), label.end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  wire.push_back(0);
  return wire;
}

inline Octets pointer(std::size_t target) {
  Octets wire;
  put16(wire, 0xc000 | target);
  return wire;
}

inline Octets mx_data(std::uint16_t preference, std::string_view exchange) {
  Octets data;
  put16(data, preference);
  put(data, wire_name(exchange));
  return data;
}
inline Octets text_data(std::initializer_list<std::string_view> parts) {
  Octets data;
  for (const auto part : parts) {
    data.push_back(static_cast<std::uint8_t>(part.size()));
    data.insert(data.end(), part.begin(), part.end());
  }
  return data;
}
inline Octets soa_data(std::string_view primary, std::uint32_t minimum) {
  Octets data = wire_name(primary);
  put(data, wire_name("hostmaster.example"));
  for (const std::uint32_t value : {7U, 3600U, 600U, 86400U, minimum}) put32(data, value);
  return data;
}

inline constexpr std::uint16_t kResponse = 0x8180;  // QR, RD, RA
inline constexpr std::uint16_t kTruncated = 0x0200;
inline constexpr std::uint16_t kAuthentic = 0x0020;
inline constexpr std::size_t kQuestionAt = 12;  // where the question's name begins

/// A message under construction; sections have to be filled in their order.
class Packet {
 public:
  explicit Packet(std::uint16_t id, std::uint16_t flags = kResponse) {
    put16(octets_, id);
    put16(octets_, flags);
    octets_.resize(12);
  }
  Packet& question(const Octets& name, Type type, std::uint16_t klass = 1) {
    put(octets_, name);
    put16(octets_, static_cast<std::uint16_t>(type));
    put16(octets_, klass);
    return add(4);
  }
  Packet& question(const Question& q) { return question(wire_name(q.name.view()), q.type); }
  Packet& answer(const Octets& owner, Type type, std::uint32_t ttl, const Octets& data) {
    return record(6, owner, type, ttl, data);
  }
  Packet& answer(std::string_view owner, Type type, std::uint32_t ttl, const Octets& data) {
    return record(6, wire_name(owner), type, ttl, data);
  }
  Packet& authority(std::string_view owner, Type type, std::uint32_t ttl, const Octets& data) {
    return record(8, wire_name(owner), type, ttl, data);
  }
  Packet& opt(std::uint8_t extended_rcode = 0) {
    octets_.push_back(0);
    put16(octets_, static_cast<std::uint16_t>(Type::opt));
    put16(octets_, 1232);
    put32(octets_, std::uint32_t{extended_rcode} << 24);
    put16(octets_, 0);
    return add(10);
  }
  Packet& set16(std::size_t at, std::size_t value) {
    octets_[at] = static_cast<std::uint8_t>(value >> 8);
    octets_[at + 1] = static_cast<std::uint8_t>(value);
    return *this;
  }
  Packet& raw(const Octets& octets) {
    put(octets_, octets);
    return *this;
  }
  std::size_t size() const { return octets_.size(); }
  const Octets& octets() const { return octets_; }

 private:
  Packet& record(std::size_t counter, const Octets& owner, Type type, std::uint32_t ttl, const Octets& data) {
    put(octets_, owner);
    put16(octets_, static_cast<std::uint16_t>(type));
    put16(octets_, 1);
    put32(octets_, ttl);
    put16(octets_, data.size());
    put(octets_, data);
    return add(counter);
  }
  Packet& add(std::size_t counter) {
    const std::size_t count = static_cast<std::size_t>(octets_[counter] << 8 | octets_[counter + 1]) + 1;
    return set16(counter, count);
  }
  Octets octets_;
};

}  // namespace mxhealth::dns::test
