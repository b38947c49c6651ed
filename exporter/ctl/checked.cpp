#include "ctl/checked.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::ctl {

int Checked::exit_code() const {
  int code = 0;
  for (const DomainRecord* role : records.roles())
    code = worst(code, ctl::exit_code(role->verdict.value_or(Verdict::undetermined)));
  return code;
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
    case Verdict::no_mail: return 0;
    case Verdict::degraded:
    case Verdict::at_risk: return 1;
    case Verdict::unreachable:
    case Verdict::tempfail:
    case Verdict::rejecting: return 2;
    case Verdict::undetermined: break;
  }
  return 3;
}

int worst(int one, int other) {
  constexpr std::array kFromBest{0, 1, 3, 2};
  return std::max(one, other,
                  [&](int a, int b) { return std::ranges::find(kFromBest, a) < std::ranges::find(kFromBest, b); });
}

int exit_code(const std::vector<Checked>& all) {
  int code = 0;
  for (const Checked& one : all) code = worst(code, one.exit_code());
  return code;
}

}  // namespace mxhealth::ctl
