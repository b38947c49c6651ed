#include "dns/reader.hpp"

namespace mxhealth::dns {
namespace {

void put_escaped(std::string& text, std::uint8_t octet) {
  const char c = static_cast<char>(octet);
  if (c >= 'A' && c <= 'Z') {
    text.push_back(static_cast<char>(c - 'A' + 'a'));
  } else if (c == '.' || c == '\\' || c == '"') {
    text.push_back('\\');
    text.push_back(c);
  } else if (octet > 0x20 && octet < 0x7f) {
    text.push_back(c);
  } else {
    text.push_back('\\');
    text.push_back(static_cast<char>('0' + octet / 100));
    text.push_back(static_cast<char>('0' + octet / 10 % 10));
    text.push_back(static_cast<char>('0' + octet % 10));
  }
}

}  // namespace

// Where in the packet a name goes on, and what it has used up of its limits.
struct Reader::NamePiece {
  std::size_t at;
  std::size_t limit;  // octets beyond this are not the name's
  std::size_t start;  // of the piece: the next pointer must point before it
  std::size_t pointers = 0;
  std::size_t wire = 1;  // the final zero
};

std::uint8_t Reader::get8() {
  const auto octets = get(1);
  return octets.empty() ? std::uint8_t{0} : octets[0];
}

std::uint16_t Reader::get16() {
  const auto octets = get(2);
  return octets.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
}

std::uint32_t Reader::get32() {
  const std::uint32_t high = get16();
  return high << 16 | get16();
}

std::span<const std::uint8_t> Reader::get(std::size_t count) {
  if (failed()) return {};
  if (count > left()) {
    fail(Malformed::cut_record);
    return {};
  }
  const auto octets = packet_.subspan(at_, count);
  at_ += count;
  return octets;
}

std::string Reader::get_name() {
  std::string text;
  if (failed()) return text;
  NamePiece piece{at_, end_, at_};
  bool jumped = false;
  for (;;) {
    if (piece.at >= piece.limit) {
      fail(Malformed::bad_name);
      return {};
    }
    const std::uint8_t length = packet_[piece.at];
    if ((length & 0xc0) == 0xc0) {
      const std::size_t behind = piece.at + 2;
      if (!follow_pointer(piece)) return {};
      if (!jumped) at_ = behind;
      jumped = true;
      continue;
    }
    if ((length & 0xc0) != 0) {  // RFC 6891 section 5: no longer in use
      fail(Malformed::bad_name);
      return {};
    }
    if (length == 0) break;
    if (!take_label(piece, length, text)) return {};
  }
  if (!jumped) at_ = piece.at + 1;
  if (text.empty()) text = ".";
  return text;
}

bool Reader::follow_pointer(NamePiece& piece) {
  if (piece.at + 2 > piece.limit) {
    fail(Malformed::bad_name);
    return false;
  }
  const std::size_t target = static_cast<std::size_t>(packet_[piece.at] & 0x3f) << 8 | packet_[piece.at + 1];
  if (target >= piece.start || ++piece.pointers > kMaxPointers) {
    fail(Malformed::pointer_loop);
    return false;
  }
  piece.limit = piece.start;
  piece.start = piece.at = target;
  return true;
}

bool Reader::take_label(NamePiece& piece, std::size_t length, std::string& text) {
  piece.wire += length + 1;
  if (piece.at + 1 + length > piece.limit || piece.wire > kMaxWireName) {
    fail(Malformed::bad_name);
    return false;
  }
  if (!text.empty()) text.push_back('.');
  for (const std::uint8_t octet : packet_.subspan(piece.at + 1, length)) put_escaped(text, octet);
  piece.at += length + 1;
  return true;
}

Reader Reader::window(std::size_t count) {
  Reader inner = *this;
  if (!failed() && count > left()) {
    fail(Malformed::cut_record);
    inner.fail(Malformed::cut_record);
  }
  if (failed()) return inner;
  inner.end_ = at_ + count;
  at_ += count;
  return inner;
}

void Reader::fail(Malformed why) {
  if (!fault_) fault_ = why;
}

}  // namespace mxhealth::dns
