#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mxhealth::config {

std::string to_string(const Problem& p) {
  std::string text = p.file;
  if (p.line > 0) text += fmt::format(":{}:{}", p.line, p.column);
  text += p.severity == Severity::error ? ": error: " : ": warning: ";
  if (!p.key.empty()) text += p.key + ": ";
  text += p.message;
  if (!p.found.empty()) text += ", found " + p.found;
  if (!p.allowed.empty()) text += "; allowed: " + p.allowed;
  return text;
}

bool has_errors(const std::vector<Problem>& problems) {
  return std::ranges::any_of(problems, [](const Problem& p) { return p.severity == Severity::error; });
}

}  // namespace mxhealth::config
