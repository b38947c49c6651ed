// Octets of a DNS message, read one after the other and never beyond the end. The first fault sticks: from then on
// every read gives zeros, so that callers check once behind a group of reads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "dns/message.hpp"

namespace mxhealth::dns {

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> packet) : packet_(packet), end_(packet.size()) {}

  std::uint8_t get8();
  std::uint16_t get16();
  std::uint32_t get32();
  std::span<const std::uint8_t> get(std::size_t count);

  /// A possibly compressed name (RFC 1035 section 4.1.4) in presentation form, lower case, "." for the root.
  /// Every pointer must point before the piece of the name that holds it, which makes loops impossible.
  std::string get_name();

  /// A reader of the next `count` octets alone, whose names may still point back into the packet; they are skipped
  /// here.
  Reader window(std::size_t count);

  std::size_t left() const { return end_ - at_; }
  bool failed() const { return fault_.has_value(); }
  std::optional<Malformed> fault() const { return fault_; }

 private:
  struct NamePiece;

  void fail(Malformed why);
  bool follow_pointer(NamePiece&);
  bool take_label(NamePiece&, std::size_t length, std::string& text);

  std::span<const std::uint8_t> packet_;
  std::size_t at_ = 0;
  std::size_t end_;
  std::optional<Malformed> fault_;
};

}  // namespace mxhealth::dns
