#include "report/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <utility>

namespace mxhealth::report {

Json& Json::key(std::string_view name) {
  value(name);
  text_ += ':';
  keyed_ = true;
  return *this;
}

Json& Json::value(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  separate();
  text_ += '"';
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f || c == '<' || c == '>' || c == '&') {
      text_.append("\\u00").append(1, kHex[octet >> 4U]).append(1, kHex[octet & 15U]);
      continue;
    }
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

Json& Json::value(double number) {
  if (!std::isfinite(number)) return null();
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return raw({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

Json& Json::value(Wall when) { return value(rfc3339(when)); }

Json& Json::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

Json& Json::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

Json& Json::raw(std::string_view text) {
  separate();
  text_ += text;
  return *this;
}

void Json::separate() {
  if (!std::exchange(keyed_, false) && !first_) text_ += ',';
  first_ = false;
}

std::string rfc3339(Wall when) {
  const std::time_t at = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace mxhealth::report
