#include "smtp/capabilities.hpp"

#include <algorithm>

#include "smtp/reply.hpp"

namespace mxhealth::smtp {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Cuts the next word off `line`, in upper case. `=` separates as well: "AUTH=LOGIN" comes from a draft of RFC 2554.
std::string next_word(std::string_view& line) {
  constexpr std::string_view kSeparators = " \t=";
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(kSeparators)));
  const std::size_t end = std::min(line.size(), line.find_first_of(kSeparators));
  std::string word(line.substr(0, end));
  std::ranges::transform(word, word.begin(), upper);
  line.remove_prefix(end);
  return word;
}

// A firewall that does not know a keyword overwrites it: STARTTLS becomes XXXXXXXA.
bool is_masked(std::string_view keyword) {
  constexpr std::size_t kLeast = 4;
  if (!keyword.empty() && keyword.back() == 'A') keyword.remove_suffix(1);
  return keyword.size() >= kLeast && keyword.find_first_not_of('X') == std::string_view::npos;
}

// RFC 4422 section 3.1: letters, digits, hyphen and underscore.
bool is_mechanism(std::string_view word) {
  const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !word.empty() && word.size() <= kMaxAuthMechanism && std::ranges::all_of(word, allowed);
}

void add_mechanisms(std::string_view rest, std::vector<std::string>& mechanisms) {
  for (std::string word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (mechanisms.size() >= kMaxAuthMechanisms) return;
    if (is_mechanism(word) && std::ranges::find(mechanisms, word) == mechanisms.end()) mechanisms.push_back(word);
  }
}

struct Keyword {
  std::string_view name;
  bool Capabilities::*offered;
};
constexpr Keyword kKeywords[] = {
    {"STARTTLS", &Capabilities::starttls}, {"PIPELINING", &Capabilities::pipelining},
    {"SIZE", &Capabilities::size},         {"8BITMIME", &Capabilities::eight_bit_mime},
    {"SMTPUTF8", &Capabilities::smtputf8}, {"ENHANCEDSTATUSCODES", &Capabilities::enhanced_status_codes},
};

void read_line(std::string_view line, Capabilities& offers) {
  const std::string keyword = next_word(line);
  const auto* known = std::ranges::find(kKeywords, keyword, &Keyword::name);
  if (known != std::end(kKeywords)) {
    offers.*(known->offered) = true;
  } else if (keyword == "AUTH") {
    add_mechanisms(line, offers.auth);
  } else if (is_masked(keyword)) {
    offers.masked_starttls = true;
  }
}

}  // namespace

Capabilities read_capabilities(const Reply& reply) {
  Capabilities offers;
  offers.esmtp = true;
  std::string_view rest = reply.text;
  rest.remove_prefix(std::min(rest.size(), rest.find('\n')));  // the first line greets
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.size(), rest.find('\n'));
    read_line(rest.substr(0, end), offers);
    rest.remove_prefix(end);
  }
  return offers;
}

}  // namespace mxhealth::smtp
