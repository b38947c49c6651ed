#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "config/did_you_mean.hpp"
#include "config/names.hpp"

namespace mxhealth::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Unit {
  std::string_view word;
  Duration length;
};
constexpr Unit kUnits[] = {{"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}, {"ms", milliseconds(1)}};
constexpr std::size_t kMaxDigits = 6;  // of one number in a duration: 999999h still fits into Duration

constexpr std::size_t kMaxIdentifier = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view leading(std::string_view text, bool (*belongs)(char)) {
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, belongs) - text.begin()));
}

/// Number and unit, larger units first, each unit once: what Prometheus takes, without days and above.
std::optional<Duration> parse_duration(std::string_view text) {
  Duration total{0};
  const Unit* next = std::begin(kUnits);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::string_view digits = leading(text, is_digit);
    if (digits.empty() || digits.size() > kMaxDigits) return std::nullopt;
    text.remove_prefix(digits.size());
    const std::string_view word = leading(text, is_letter);
    text.remove_prefix(word.size());
    const Unit* unit = std::find_if(next, std::end(kUnits), [&](const Unit& u) { return u.word == word; });
    if (unit == std::end(kUnits)) return std::nullopt;
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    total += number * unit->length;
    next = unit + 1;
  }
  return total;
}

bool is_plain_scalar(const Field& field) { return field.is(Node::Kind::scalar) && field.node().plain; }

template <class T>
std::optional<T> parse_number(const Field& field) {
  const std::string& text = field.node().text;
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!is_plain_scalar(field) || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class T>
std::optional<T> number_in(const Field& field, T least, T most) {
  const auto number = parse_number<T>(field);
  if (number && *number >= least && *number <= most) return number;
  const bool in_quotes = field.is(Node::Kind::scalar) && !field.node().plain;
  const char* why = number ? "out of range" : in_quotes ? "a text in quotes, not a number" : "not a number";
  field.error(why, fmt::format("a number from {} to {}", least, most));
  return std::nullopt;
}

}  // namespace

std::string to_text(Duration duration) {
  std::string text;
  for (const Unit& unit : kUnits) {
    if (const auto count = duration / unit.length; count > 0) text += std::to_string(count) + std::string(unit.word);
    duration %= unit.length;
  }
  return text.empty() ? "0s" : text;
}

std::optional<std::string> text(const Field& field) {
  if (!field.is(Node::Kind::scalar)) {
    field.error("not a text", "a text");
    return std::nullopt;
  }
  if (field.node().text.size() > kMaxText) {
    field.error("longer than 1024 octets");
    return std::nullopt;
  }
  return field.node().text;
}

std::optional<std::string> file_name(const Field& field) {
  auto written = text(field);
  if (!written) return std::nullopt;
  const bool broken = std::ranges::any_of(*written, [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
  if (!written->empty() && !broken) return written;
  field.error("not a file name", "the name of a file");
  return std::nullopt;
}

bool is_identifier(std::string_view text) {
  const bool fits =
      std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
  return fits && !text.empty() && text.size() <= kMaxIdentifier;
}

std::optional<std::string> identifier(const Field& field) {
  if (field.is(Node::Kind::scalar) && is_identifier(field.node().text)) return field.node().text;
  field.error("not a word", "up to 63 letters, digits, - and _");
  return std::nullopt;
}

std::optional<bool> boolean(const Field& field) {
  if (is_plain_scalar(field) && field.node().text == "true") return true;
  if (is_plain_scalar(field) && field.node().text == "false") return false;
  const bool in_quotes = field.is(Node::Kind::scalar) && !field.node().plain;
  field.error(in_quotes ? "a text in quotes, not a truth value" : "not a truth value", "true, false");
  return std::nullopt;
}

std::optional<std::uint16_t> port(const Field& field) {
  const auto number = number_in<int>(field, 1, std::numeric_limits<std::uint16_t>::max());
  return number ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
}

std::optional<Name> name(const Field& field) {
  if (!field.is(Node::Kind::scalar)) {
    field.error("not a name", "a host or domain name");
    return std::nullopt;
  }
  auto result = name_from(field.node().text);
  if (auto* name = std::get_if<Name>(&result)) return std::move(*name);
  field.error(std::get<NotAName>(result).why, "a host or domain name");
  return std::nullopt;
}

std::optional<Name> name_or_empty(const Field& field) {
  if (field.is(Node::Kind::scalar) && field.node().text.empty()) return Name{};
  return name(field);
}

std::optional<Duration> DurationIn::operator()(const Field& field) const {
  const auto duration = field.is(Node::Kind::scalar) ? parse_duration(field.node().text) : std::nullopt;
  if (duration && *duration >= least && *duration <= most) return duration;
  const std::string range = fmt::format("from {} to {}", to_text(least), to_text(most));
  if (duration)
    field.error("out of range", range);
  else
    field.error("not a duration", range + ", written like 30s, 5m, 1h30m or 500ms");
  return std::nullopt;
}

std::optional<int> IntegerIn::operator()(const Field& field) const { return number_in<int>(field, least, most); }

std::optional<double> DecimalIn::operator()(const Field& field) const { return number_in<double>(field, least, most); }

std::optional<std::size_t> word_of(const Field& field, const std::vector<std::string_view>& words) {
  if (field.is(Node::Kind::scalar)) {
    const auto found = std::ranges::find(words, field.node().text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  }
  const std::string hint = field.is(Node::Kind::scalar) ? suggestion(field.node().text, words) : "";
  std::vector<std::string_view> shown = words;
  std::ranges::replace(shown, std::string_view(), "\"\"");
  field.error("not one of the known words" + hint, fmt::format("{}", fmt::join(shown, ", ")));
  return std::nullopt;
}

}  // namespace mxhealth::config
