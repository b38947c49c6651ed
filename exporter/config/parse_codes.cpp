#include "config/parse_codes.hpp"

#include <algorithm>
#include <charconv>

#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr std::size_t kMaxTable = 64;  // codes of one list; real ones have a dozen
constexpr std::size_t kMaxShort = 300;
constexpr const char* kAnswer = "an address in 127.0.0.0/8 such as 127.0.0.2, 127.0.0.10-11 or 127.0.*.3, in quotes";

/// What stands right of a code: its meaning, or a map with it.
struct Meaning {
  std::string meaning;
  std::optional<double> weight;
  bool policy = false;
};

std::optional<Meaning> meaning_of(const Field& field, std::vector<std::string_view> keys) {
  Meaning read;
  if (field.is(Node::Kind::scalar)) {
    auto words = short_text(field);
    if (!words) return std::nullopt;
    read.meaning = *std::move(words);
    return read;
  }
  const auto section = Section::open(field, std::move(keys));
  if (!section) return std::nullopt;
  if (section->get("meaning") == nullptr) field.fault("meaning is missing", "{meaning: TEXT, weight: 0.5}");
  double own_weight = 0;
  section->read("meaning", read.meaning, short_text);
  if (section->read("weight", own_weight, weight)) read.weight = own_weight;
  section->read("policy", read.policy, boolean);
  return read;
}

/// A power of two, as a bit of an octet is written.
std::optional<std::uint8_t> bit_of(const std::string& key) {
  unsigned bit = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), bit);
  const bool whole = error == std::errc{} && end == key.data() + key.size();
  const bool one_bit = bit >= 1 && bit <= 128 && (bit & (bit - 1)) == 0;
  return whole && one_bit ? std::optional(static_cast<std::uint8_t>(bit)) : std::nullopt;
}

/// The members of a map that is neither empty nor endless.
std::optional<std::vector<Field>> table(const Field& field) {
  auto members = field.members();
  if (!members) return std::nullopt;
  if (field.node().children.empty()) field.fault("an empty table", "ANSWER: MEANING");
  if (members->size() <= kMaxTable) return members;
  field.fault("more than " + std::to_string(kMaxTable) + " answers");
  return std::nullopt;
}

}  // namespace

std::optional<double> weight(const Field& field) { return DecimalIn{0.0, 1.0}(field); }

std::optional<std::string> short_text(const Field& field) {
  auto written = text(field);
  if (!written) return std::nullopt;
  const bool control = std::ranges::any_of(*written, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (!written->empty() && !control && written->size() <= kMaxShort) return written;
  field.error("not a short text", "1 to " + std::to_string(kMaxShort) + " octets on one line");
  return std::nullopt;
}

std::optional<std::vector<dnsbl::Code>> codes(const Field& field) {
  const auto members = table(field);
  if (!members) return std::nullopt;
  std::vector<dnsbl::Code> read;
  for (const Field& member : *members) {
    const auto pattern = dnsbl::CodePattern::parse(member.node().key);
    if (!pattern) member.error_at_key("not an answer that a list gives", kAnswer);
    auto meaning = meaning_of(member, {"meaning", "weight", "policy"});
    if (pattern && meaning) read.push_back({*pattern, std::move(meaning->meaning), meaning->weight, meaning->policy});
  }
  return read;
}

std::optional<std::vector<dnsbl::BitCode>> bits(const Field& field) {
  const auto members = table(field);
  if (!members) return std::nullopt;
  std::vector<dnsbl::BitCode> read;
  for (const Field& member : *members) {
    const auto bit = bit_of(member.node().key);
    if (!bit) member.error_at_key("not a bit of an octet", "1, 2, 4, 8, 16, 32, 64, 128");
    auto meaning = meaning_of(member, {"meaning", "weight"});
    if (bit && meaning) read.push_back({*bit, std::move(meaning->meaning), meaning->weight});
  }
  return read;
}

std::optional<std::vector<dnsbl::CodePattern>> answers(const Field& field) {
  const auto items = field.items();
  if (!items) return std::nullopt;
  if (items->size() > kMaxTable) field.fault("more than " + std::to_string(kMaxTable) + " answers");
  std::vector<dnsbl::CodePattern> read;
  for (const Field& item : *items) {
    const auto pattern = item.is(Node::Kind::scalar) ? dnsbl::CodePattern::parse(item.node().text) : std::nullopt;
    if (pattern)
      read.push_back(*pattern);
    else
      item.error("not an answer that a list gives", kAnswer);
  }
  return read;
}

}  // namespace mxhealth::config
