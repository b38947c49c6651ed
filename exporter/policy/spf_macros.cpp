#include "policy/spf_macros.hpp"

#include <algorithm>

namespace mxhealth::policy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::string_view kLetters = "slodiphv";
constexpr std::string_view kLettersOfExplanations = "crt";
constexpr std::string_view kDelimiters = ".-+,/_=";

/// Between the braces: a letter, digits, r, delimiters.
std::optional<std::string> fault_of_braces(std::string_view inside, MacroLetters letters) {
  const char letter = inside.empty() ? '\0' : lower(inside.front());
  const bool explains = letter != '\0' && kLettersOfExplanations.find(letter) != std::string_view::npos;
  const bool known = letter != '\0' && kLetters.find(letter) != std::string_view::npos;
  if (!known && !(explains && letters == MacroLetters::of_explanations))
    return explains ? "a macro that only explanations may have" : "an unknown macro";
  inside.remove_prefix(1);
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(inside, is_digit) - inside.begin());
  if (digits > 0 && inside.substr(0, digits).find_first_not_of('0') == std::string_view::npos)
    return "a macro that keeps no label";
  inside.remove_prefix(digits);
  if (!inside.empty() && lower(inside.front()) == 'r') inside.remove_prefix(1);
  if (inside.find_first_not_of(kDelimiters) != std::string_view::npos) return "a malformed macro";
  return std::nullopt;
}

/// Where the macro at the start of `text` ends; 0 when it does not.
std::size_t macro_length(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] == '%' || text[1] == '_' || text[1] == '-') return 2;
  const std::size_t end = text[1] == '{' ? text.find('}') : std::string_view::npos;
  return end == std::string_view::npos ? 0 : end + 1;
}

/// The text behind the last macro. `text` has no faults.
std::string_view behind_macros(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%'))
    text.remove_prefix(at + macro_length(text.substr(at)));
  return text;
}

/// Section 7.1, `toplabel`: alphanumeric with inner hyphens, and not all digits.
bool is_top_label(std::string_view label) {
  if (label.empty() || !is_alphanumeric(label.front()) || !is_alphanumeric(label.back())) return false;
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-'; };
  return std::ranges::all_of(label, fits) && !std::ranges::all_of(label, is_digit);
}

}  // namespace

std::optional<std::string> fault_of_macros(std::string_view text, MacroLetters letters) {
  while (!text.empty()) {
    const char c = text.front();
    if (c <= ' ' || c >= 0x7F) return "a character that records do not have";
    std::size_t length = 1;
    if (c == '%') {
      length = macro_length(text);
      if (length == 0) return "a % that begins no macro";
      if (text[1] == '{')
        if (auto fault = fault_of_braces(text.substr(2, length - 3), letters)) return fault;
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_domain(std::string_view text) {
  if (text.empty()) return "no domain";
  if (auto fault = fault_of_macros(text, MacroLetters::of_domains)) return fault;
  std::string_view rest = behind_macros(text);
  if (rest.empty()) return std::nullopt;  // it ends in a macro
  if (rest.ends_with('.')) rest.remove_suffix(1);
  const std::size_t dot = rest.rfind('.');
  if (dot == std::string_view::npos || !is_top_label(rest.substr(dot + 1)))
    return "a domain that ends in neither a top-level domain nor a macro";
  return std::nullopt;
}

}  // namespace mxhealth::policy
