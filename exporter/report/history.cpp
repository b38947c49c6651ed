#include "report/history.hpp"

namespace mxhealth::report {

void History::see(const DomainRecord& record) {
  if (!record.verdict) return;
  if (changes_.empty() || changes_.back().verdict != record.verdict) {
    const Wall at = record.since.value_or(record.last_cycle.value_or(Wall{}));
    changes_.push_back({at, record.verdict, record.cause ? std::optional(record.cause->cause) : std::nullopt});
    if (changes_.size() > kMaxChanges) changes_.pop_front();
  }
  if (!record.last_cycle) return;
  const Wall begin = *record.last_cycle - std::chrono::duration_cast<Wall::duration>(kHistory);
  while (changes_.size() > 1 && changes_[1].at <= begin) changes_.pop_front();  // the one in force at `begin` stays
}

}  // namespace mxhealth::report
