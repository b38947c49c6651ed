#include "config/text_check.hpp"

#include <cstdint>

namespace mxhealth::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The length of the UTF-8 character that `text` starts with (RFC 3629 section 4), 0 when it starts with none.
std::size_t character_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return octet(i) >= low && octet(i) <= high;
  };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    const unsigned high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(char c) {
  const auto octet = static_cast<std::uint8_t>(c);
  return (octet < 0x20 && c != '\n' && c != '\r' && c != '\t') || octet == 0x7F;
}

/// Where a line that says something has a tab in its indentation, if it does.
std::optional<std::size_t> tab_in_indentation(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || line[start] == '#' || line[start] == '\r') return std::nullopt;
  const std::size_t tab = line.substr(0, start).find('\t');
  return tab == std::string_view::npos ? std::nullopt : std::optional(tab);
}

std::optional<Broken> check_line(std::string_view line, int number) {
  const auto at = [&](std::size_t offset, std::string message) {
    return Broken{number, static_cast<int>(offset) + 1, std::move(message)};
  };
  for (std::size_t i = 0; i < line.size();) {
    if (is_control(line[i])) return at(i, "a control character; a configuration file is plain text");
    const std::size_t length = character_length(line.substr(i));
    if (length == 0) return at(i, "not UTF-8; save the file in that encoding");
    i += length;
  }
  if (const auto tab = tab_in_indentation(line)) return at(*tab, "a tab in the indentation; YAML wants spaces there");
  return std::nullopt;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  return text;
}

std::optional<Broken> check_text(std::string_view text) {
  if (text.size() > kMaxFile) return Broken{0, 0, "longer than 1 MiB"};
  int number = 1;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (auto broken = check_line(text.substr(0, end), number)) return broken;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++number;
  }
  return std::nullopt;
}

}  // namespace mxhealth::config
