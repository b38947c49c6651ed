// The verdicts of one domain and role over the last day, for the strip on its page: one entry per change.
#pragma once

#include <deque>
#include <optional>

#include "model/record.hpp"

namespace mxhealth::report {

inline constexpr std::size_t kMaxChanges = 500;  // of one domain and role; the oldest go first
inline constexpr Duration kHistory = std::chrono::hours(24);

struct VerdictChange {
  Wall at{};
  std::optional<Verdict> verdict;  ///< none: not known from here on
  std::optional<Cause> cause;      ///< the first of this verdict
};

class History {
 public:
  /// Takes a note if the verdict differs from the last one; lets go of what ended more than a day before.
  void see(const DomainRecord& record);
  const std::deque<VerdictChange>& changes() const { return changes_; }  ///< the oldest first

 private:
  std::deque<VerdictChange> changes_;
};

}  // namespace mxhealth::report
