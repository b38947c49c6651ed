#include "model/reply_code.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace mxhealth {
namespace {

constexpr std::pair<std::uint16_t, std::string_view> kCodes[] = {
    {211, "211"}, {214, "214"}, {220, "220"}, {221, "221"}, {235, "235"}, {250, "250"}, {251, "251"}, {252, "252"},
    {334, "334"}, {354, "354"}, {421, "421"}, {432, "432"}, {450, "450"}, {451, "451"}, {452, "452"}, {454, "454"},
    {455, "455"}, {500, "500"}, {501, "501"}, {502, "502"}, {503, "503"}, {504, "504"}, {521, "521"}, {523, "523"},
    {524, "524"}, {525, "525"}, {530, "530"}, {534, "534"}, {535, "535"}, {538, "538"}, {541, "541"}, {550, "550"},
    {551, "551"}, {552, "552"}, {553, "553"}, {554, "554"}, {555, "555"}, {556, "556"}, {557, "557"},
};

// The highest detail registered for each subject of the "Enumerated Status Codes" registry (RFC 5248).
constexpr std::array<unsigned, 8> kHighestDetail{0, 10, 4, 6, 7, 6, 10, 30};

struct Parts {
  char status_class;
  unsigned subject, detail;
  std::size_t length;
};

// digits without leading zeros, at most three (RFC 2034 section 4)
std::optional<unsigned> number(std::string_view text, std::size_t& at) {
  unsigned value = 0;
  const auto* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, text.data() + std::min(text.size(), at + 3), value);
  if (error != std::errc{} || (*begin == '0' && end - begin > 1)) return std::nullopt;
  at += static_cast<std::size_t>(end - begin);
  return value;
}

std::optional<Parts> parts(std::string_view text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return std::nullopt;
  std::size_t at = 2;
  const auto subject = number(text, at);
  if (!subject || at >= text.size() || text[at] != '.') return std::nullopt;
  const auto detail = number(text, ++at);
  if (!detail) return std::nullopt;
  return Parts{text[0], *subject, *detail, at};
}

}  // namespace

std::string_view code_label(std::uint16_t code) {
  const auto* found = std::ranges::find(kCodes, code, &std::pair<std::uint16_t, std::string_view>::first);
  return found == std::end(kCodes) ? "other" : found->second;
}

std::string enhanced_status_label(std::string_view status) {
  const auto p = parts(status);
  if (!p || p->length != status.size()) return "other";
  if (p->subject >= kHighestDetail.size() || p->detail > kHighestDetail[p->subject]) return "other";
  return std::string(status);
}

std::string_view leading_enhanced_status(std::uint16_t code, std::string_view text) {
  const auto p = parts(text);
  if (!p || p->status_class != static_cast<char>('0' + code / 100)) return {};
  if (p->length < text.size() && text[p->length] != ' ') return {};
  return text.substr(0, p->length);
}

}  // namespace mxhealth
