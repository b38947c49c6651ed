#include "web/accept_encoding.hpp"

#include <algorithm>
#include <optional>

namespace mxhealth::web {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Takes what stands before the next `separator` off the front.
std::string_view next(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(part);
}

/// Whether the weight among `parameters` is above nought: "q=0", "q=0.000" are not; no weight is 1.
bool has_weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = next(parameters, ';');
    if (parameter.size() < 2 || !equal_ignoring_case(parameter.substr(0, 2), "q=")) continue;
    const std::string_view weight = parameter.substr(2);
    return weight.find_first_not_of("0.") != std::string_view::npos;
  }
  return true;
}

}  // namespace

bool accepts_gzip(std::string_view field) {
  std::optional<bool> named;
  bool any = false;
  while (!field.empty()) {
    std::string_view parameters = next(field, ',');
    const std::string_view coding = next(parameters, ';');
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) named = has_weight(parameters);
    if (coding == "*") any = has_weight(parameters);
  }
  return named.value_or(any);
}

}  // namespace mxhealth::web
