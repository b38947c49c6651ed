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

 private:
  std::map<RecordKey, Record> records_;
  metrics::Sheet sheet_;
  bool ready_ = false;
};

}  // namespace mxhealth::web
