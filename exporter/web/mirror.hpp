// What the publishing loop knows: the latest record of everything, and the sheet that /metrics is cut from.
// It belongs to the publishing loop alone: apply() is what a posted feed calls there. It never asks probing anything.
#pragma once

#include <map>
#include <vector>

#include "metrics/sheet.hpp"
#include "model/record.hpp"

namespace mxhealth::web {

class Mirror {
 public:
  void apply(const Feed& feed);

  bool ready() const { return ready_; }
  const metrics::Sheet& sheet() const { return sheet_; }

  /// Worst verdict first, then by name; those without a verdict last.
  std::vector<const DomainRecord*> domains_worst_first() const;

  std::vector<const ListRecord*> lists() const;
  /// Who is listed on a blocklist: configured subjects first, then the heaviest, then by name.
  std::vector<const ListingRecord*> listings() const;
  SubjectSource source(const Subject&) const;

 private:
  template <class R>
  std::vector<const R*> all() const {
    std::vector<const R*> found;
    for (const auto& [key, record] : records_)
      if (const auto* one = std::get_if<std::shared_ptr<const R>>(&record)) found.push_back(one->get());
    return found;
  }

  std::map<RecordKey, Record> records_;
  metrics::Sheet sheet_;
  bool ready_ = false;
};

}  // namespace mxhealth::web
