#include "policy/sts_policy_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/transcript.hpp"
#include "policy/mta_sts.hpp"
#include "policy/versioned_record.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kShown = 60;    // octets of a line in a sentence
constexpr std::size_t kMaxName = 32;  // of a field

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view name) {
  const auto in_name = [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= kMaxName && is_alphanumeric(name.front()) &&
         std::ranges::all_of(name, in_name);
}

/// How many octets the UTF-8 sequence at the front has (RFC 3629); 0: it is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (octet(i) & 0xc0U) == 0x80U; };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if ((first & 0xf0U) == 0xe0U) {
    const bool overlong = first == 0xe0 && octet(1) < 0xa0;
    const bool surrogate = first == 0xed && octet(1) > 0x9f;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const bool overlong = first == 0xf0 && octet(1) < 0x90;
  const bool beyond = first == 0xf4 && octet(1) > 0x8f;
  return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
}

/// Printable ASCII, blanks inside, and UTF-8.
bool is_value(std::string_view value) {
  if (value.empty()) return false;
  while (!value.empty()) {
    const auto c = static_cast<unsigned char>(value.front());
    if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
    const std::size_t size = utf8_sequence(value);
    if (size == 0) return false;
    value.remove_prefix(size);
  }
  return true;
}

/// Why this is no policy file at all; empty: it may be one.
std::string stranger(std::string_view body) {
  if (body.empty()) return "The policy is empty";
  if (body.size() > kMaxStsPolicy)
    return fmt::format("The policy is longer than the {} octets that senders read (RFC 8461 section 3.3)",
                       kMaxStsPolicy);
  if (body.find('\0') != std::string_view::npos)
    return "The policy has NUL octets in it: it is no plain text (UTF-16, or a binary file?)";
  if (body.starts_with("\xef\xbb\xbf"))
    return "The policy begins with a byte order mark, which hides its first line from senders; save it without";
  const std::size_t begin = body.find_first_not_of(" \t\r\n");
  const std::string_view text = begin == std::string_view::npos ? std::string_view{} : body.substr(begin);
  if (text.empty()) return "The policy is empty";
  if (text.front() == '<') return "What is served as the policy is HTML or XML, not a policy";
  if (text.front() == '{') return "What is served as the policy is JSON, as early drafts had it; RFC 8461 wants lines";
  return {};
}

/// Why a line is no field; empty: it is one, in `line`.
std::string read_line(std::string_view text, StsLine& line) {
  if (text.size() > kMaxStsLine)
    return fmt::format("The policy has a line of {} octets; at most {} are read here", text.size(), kMaxStsLine);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return fmt::format("The policy has a line that is not \"name: value\": {}", printable(text, kShown));
  line = {text.substr(0, colon), without_blanks(text.substr(colon + 1))};
  if (!is_name(line.name))
    return fmt::format("The policy has a line whose name before the colon cannot be read: {}", printable(text, kShown));
  if (!is_value(line.value))
    return fmt::format("The policy's line \"{}:\" has no readable value: {}", line.name, printable(line.value, kShown));
  return {};
}

}  // namespace

StsLines read_sts_lines(std::string_view body) {
  StsLines read;
  if (std::string fault = stranger(body); !fault.empty()) {
    read.readable = false;
    read.notes.push_back({Gravity::broken, std::move(fault)});
    return read;
  }
  bool blank = false;
  std::size_t count = 0;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    std::string_view text = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (++count > kMaxStsLines) {
      read.notes.push_back({Gravity::broken, fmt::format("The policy has more than {} lines", kMaxStsLines)});
      break;
    }
    if (without_blanks(text).empty()) {
      blank = true;
      continue;
    }
    StsLine line;
    std::string fault = read_line(text, line);
    if (fault.empty())
      read.lines.push_back(line);
    else if (read.notes.size() < kMaxPolicyNotes)
      read.notes.push_back({Gravity::broken, std::move(fault)});
  }
  if (blank)
    read.notes.push_back(
        {Gravity::note, "The policy has empty lines, which the grammar does not know; most senders overlook them"});
  return read;
}

}  // namespace mxhealth::policy
