// Collects what is wrong with one file and hands it back in the order of its lines. Bounded: a file with a million
// mistakes is answered by the first thousand and a count.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/problem.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMaxProblems = 1000;  // of each severity, per file

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  void add(Problem problem);  // its `file` is filled in here
  const std::string& file() const { return file_; }

  /// Everything so far, sorted by place; the report is empty afterwards.
  std::vector<Problem> take();

 private:
  std::string file_;
  std::vector<Problem> problems_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace mxhealth::config
