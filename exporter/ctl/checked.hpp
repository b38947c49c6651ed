// What one target's check showed, and what that makes of the exit code.
#pragma once

#include <vector>

#include "report/one_target.hpp"
#include "watch/visit_result.hpp"

namespace mxhealth::ctl {

struct Checked {
  explicit Checked(watch::VisitResult shown) : result(std::move(shown)), records(result.feed.changed) {}
  int exit_code() const;

  watch::VisitResult result;
  report::OneTarget records;
};

int exit_code(Verdict);
/// The worst of several: 2 before 3 before 1 before 0.
int worst(int one, int other);
int exit_code(const std::vector<Checked>&);

}  // namespace mxhealth::ctl
