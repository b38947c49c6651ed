// What makes others refuse mail of ours, or send it without protection, as a part of the landing page: policies that
// receivers cannot use, sending addresses without a confirmed name.
#pragma once

#include <string>

namespace mxhealth::web {

struct Site;

inline constexpr std::size_t kMaxPolicyRows = 200;  // how many are left out is said

/// Empty where neither policies nor sending addresses have been looked at.
std::string policies_section(const Site& site);

}  // namespace mxhealth::web
