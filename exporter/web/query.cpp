#include "web/query.hpp"

#include <algorithm>

namespace mxhealth::web {
namespace {

enum class Plus : std::uint8_t { itself, blank };

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::optional<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      c = static_cast<char>(*high * 16 + *low);
      i += 2;
    } else if (c == '+' && plus == Plus::blank) {
      c = ' ';
    }
    if (is_control(c) || out.size() == kMaxParameter) return std::nullopt;
    out += c;
  }
  return out;
}

}  // namespace

Target split_target(std::string_view target) {
  if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != std::string_view::npos) {
    const auto path = target.find('/', scheme + 3);  // absolute form, RFC 9112 section 3.2.2
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  const auto question = target.find('?');
  if (question == std::string_view::npos) return {target, {}};
  return {target.substr(0, question), target.substr(question + 1)};
}

std::optional<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), Plus::blank);
    auto value = decode(equals == pair.npos ? std::string_view() : pair.substr(equals + 1), Plus::blank);
    if (!name || !value || query.size() == kMaxParameters) return std::nullopt;
    query.push_back({std::move(*name), std::move(*value)});
  }
  return query;
}

std::optional<std::string> decoded(std::string_view text) { return decode(text, Plus::itself); }

}  // namespace mxhealth::web
