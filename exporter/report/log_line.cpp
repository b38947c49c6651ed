#include "report/log_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "report/code_table.hpp"
#include "report/status_table.hpp"

namespace mxhealth::report {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_a_number(char c) { return is_digit(c) || c == '.'; }
bool is_of_a_name(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

struct Found {
  std::size_t at = 0;
  std::string_view text;
};

// Runs of digits and dots that are a status of RFC 3463's shape, in their order. A final full stop is no part of it.
std::vector<Found> statuses_in(std::string_view text) {
  constexpr std::size_t kEnough = 50;
  std::vector<Found> found;
  for (std::size_t at = 0; at < text.size() && found.size() < kEnough;) {
    std::size_t end = at;
    while (end < text.size() && is_of_a_number(text[end])) ++end;
    std::string_view run = text.substr(at, end - at);
    if (!run.empty() && run.back() == '.') run.remove_suffix(1);
    const bool begins = at == 0 || text[at - 1] == '-' || !is_of_a_name(text[at - 1]);  // 550-5.1.1
    const bool stands_alone = begins && (end == text.size() || !is_of_a_name(text[end]));
    const Status status = status_of(run);
    if (stands_alone && status.status_class != 0 && status.subject <= 7) found.push_back({at, run});
    at = std::max(end, at + 1);
  }
  return found;
}

// The first that says more than "something", else the first.
const Found* most_telling(const std::vector<Found>& all) {
  const auto telling = std::ranges::find_if(all, [](const Found& one) { return one.text.substr(1) != ".0.0"; });
  if (telling != all.end()) return &*telling;
  return all.empty() ? nullptr : &all.front();
}

std::uint16_t number_at(std::string_view text, std::size_t at) {
  if (at + 3 > text.size() || (at > 0 && is_of_a_name(text[at - 1]))) return 0;
  if (at + 3 < text.size() && is_of_a_name(text[at + 3]) && text[at + 3] != '-') return 0;
  std::uint16_t code = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 3, code);
  if (error != std::errc{} || end != text.data() + at + 3) return 0;
  return find_code(code) != nullptr || !dotted(code).empty() ? code : std::uint16_t{0};
}

// A reply stands at the beginning, before its status, or where somebody is quoted: "said: 450", "smtp; 550", "'441".
// Elsewhere three digits are a port, a size or a delay.
std::uint16_t code_in(std::string_view text, const Found* status) {
  if (status != nullptr && status->at >= 4 && (text[status->at - 1] == ' ' || text[status->at - 1] == '-'))
    if (const auto code = number_at(text, status->at - 4)) return code;
  if (const auto code = number_at(text, 0)) return code;
  constexpr std::array<std::string_view, 7> kBefore{": ", "; ", "\"", "'", "reply=", "code ", "error "};
  for (std::size_t at = 1; at + 3 <= text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    const std::string_view before = text.substr(0, at);
    const bool is_quoted = std::ranges::any_of(kBefore, [&](std::string_view mark) { return before.ends_with(mark); });
    if (!is_quoted) continue;
    if (const auto code = number_at(text, at)) return code;
  }
  return 0;
}

// name[address], name [address] and name (address), as all of them write it.
void find_host(std::string_view text, LogLine& line) {
  for (std::size_t open = text.find_first_of("[("); open != text.npos; open = text.find_first_of("[(", open + 1)) {
    const auto close = text.find_first_of("])", open);
    if (close == text.npos) return;
    const auto address = Address::parse(text.substr(open + 1, close - open - 1));
    if (!address) continue;
    line.address = address;
    std::size_t end = open;
    if (end > 0 && text[end - 1] == ' ') --end;
    std::size_t begin = end;
    while (begin > 0 && end - begin < kMaxName && is_of_a_name(text[begin - 1])) --begin;
    const auto name = Name::parse(text.substr(begin, end - begin));
    if (name && !name->is_root() && !name->is_single_label()) line.host = name;
    return;
  }
}

void find_remote_mta(std::string_view text, LogLine& line) {
  constexpr std::string_view kField = "Remote-MTA: dns;";
  const auto at = text.find(kField);
  if (line.host || at == text.npos) return;
  auto begin = text.find_first_not_of(' ', at + kField.size());
  if (begin == text.npos) return;
  std::size_t end = begin;
  while (end < text.size() && end - begin < kMaxName && is_of_a_name(text[end])) ++end;
  const auto name = Name::parse(text.substr(begin, end - begin));
  if (name && !name->is_root()) line.host = name;
}

// What the server is quoted with outranks what the words alone suggest.
Sayer sayer_of(std::string_view text, const LogLine& line) {
  constexpr std::array<std::string_view, 6> kQuoted{
      "Diagnostic-Code: smtp;", " said: ",       "refused to talk to me:", "SMTP error from remote mail server",
      "Remote host said:",      "responded with"};
  if (text.find("Diagnostic-Code: X-") != text.npos || line.code == 441) return Sayer::sender;
  const bool is_quoted =
      std::ranges::any_of(kQuoted, [&](std::string_view mark) { return text.find(mark) != text.npos; });
  const bool tells_of_the_connection =
      std::ranges::any_of(line.phrases, [](const Phrase* one) { return one->sayer == Sayer::sender; });
  if (tells_of_the_connection) return Sayer::sender;
  if (is_quoted || !line.phrases.empty()) return Sayer::receiver;
  return Sayer::unknown;
}

}  // namespace

LogLine read_log_line(std::string_view text) {
  text = text.substr(0, kMaxLogText);
  LogLine line;
  line.phrases = phrases_in(text);
  const auto all = statuses_in(text);
  const Found* const status = most_telling(all);
  if (status != nullptr) line.status = status->text;
  line.code = code_in(text, status);
  find_host(text, line);
  find_remote_mta(text, line);
  line.sayer = sayer_of(text, line);
  return line;
}

}  // namespace mxhealth::report
