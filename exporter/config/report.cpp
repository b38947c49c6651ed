#include "config/report.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mxhealth::config {

void Report::add(Problem problem) {
  std::size_t& count = problem.severity == Severity::error ? errors_ : warnings_;
  if (++count > kMaxProblems) return;
  problem.file = file_;
  problems_.push_back(std::move(problem));
}

std::vector<Problem> Report::take() {
  std::ranges::stable_sort(problems_, {}, [](const Problem& p) { return std::tie(p.line, p.column); });
  const auto say_rest = [this](Severity severity, std::size_t count) {
    if (count <= kMaxProblems) return;
    problems_.push_back({severity, file_, 0, 0, "", "and " + std::to_string(count - kMaxProblems) + " more", "", ""});
  };
  say_rest(Severity::error, std::exchange(errors_, 0));
  say_rest(Severity::warning, std::exchange(warnings_, 0));
  return std::exchange(problems_, {});
}

}  // namespace mxhealth::config
