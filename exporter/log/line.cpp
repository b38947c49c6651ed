// logfmt as Go's writers have it (values quoted only where needed), JSON as RFC 8259.
#include "log/line.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace mxhealth::log {
namespace {

constexpr std::size_t kStampRoom = 64;  // for time, braces and the line's end
constexpr std::string_view kCut = "...";

/// Octets of the well-formed UTF-8 sequence at the front of `text`; 0: none, or a C1 control (RFC 3629 section 4).
std::size_t utf8_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && octet(i) >= low && octet(i) <= high;
  };
  const unsigned lead = octet(0);
  if (lead == 0xC2) return follows(1, 0xA0) ? 2 : 0;
  if (lead > 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong form
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;  // no surrogate
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void escape_octet(std::string& out, Format format, unsigned char octet) {
  switch (octet) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (octet >= 0x20 && octet < 0x7F) {
    out += static_cast<char>(octet);
    return;
  }
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += format == Format::json ? "\\u00" : "\\x";
  out += kHex[octet >> 4U];
  out += kHex[octet & 15U];
}

/// Between quotes, at most kMaxFieldText octets of `text` and about as many of output.
void quote(std::string& out, Format format, std::string_view text) {
  const std::size_t limit = out.size() + kMaxFieldText;
  out += '"';
  while (!text.empty()) {
    if (out.size() >= limit) {
      out += kCut;
      break;
    }
    const std::size_t length = static_cast<unsigned char>(text.front()) < 0x80 ? 0 : utf8_length(text);
    if (length > 0) {
      out += text.substr(0, length);
    } else {
      escape_octet(out, format, static_cast<unsigned char>(text.front()));
    }
    text.remove_prefix(length > 0 ? length : 1);
  }
  out += '"';
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > kMaxFieldText) return false;
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

void put(std::string& out, Format format, std::string_view name, std::string_view text, bool bare) {
  if (format == Format::json) {
    if (!out.empty()) out += ',';
    quote(out, format, name);
    out += ':';
    if (bare) {
      out += text;
    } else {
      quote(out, format, text);
    }
    return;
  }
  if (!out.empty()) out += ' ';
  out += name;
  out += '=';
  if (bare || is_plain(text)) {
    out += text;
  } else {
    quote(out, format, text);
  }
}

std::string number_text(double number) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

}  // namespace

// JSON has no name for infinity and NaN: there they are text.
Field::Field(std::string_view name, double number)
    : name_(name), text_(number_text(number)), bare_(number - number == 0.0) {}

Field::Field(std::string_view name, std::chrono::nanoseconds span)
    : Field(name, std::chrono::duration<double>(span).count()) {}

std::string line(Format format, Level level, std::string_view name, std::span<const Field> fields) {
  static constexpr std::string_view kTruncated = "truncated";
  std::string out;
  put(out, format, "level", label(level), false);
  put(out, format, "event", name, false);
  for (const Field& field : fields) {
    const std::size_t before = out.size();
    put(out, format, field.name(), field.text(), field.bare());
    if (out.size() + kTruncated.size() + kStampRoom <= kMaxLine) continue;
    out.resize(before);
    put(out, format, kTruncated, "true", true);
    break;
  }
  return out;
}

}  // namespace mxhealth::log
