// What blocklists say, as a part of the landing page: who is listed where and why, and which lists are not believed.
#pragma once

#include <string>

namespace mxhealth::web {

struct Site;

inline constexpr std::size_t kMaxListingRows = 200;  // how many are left out is said

/// Empty where no list is asked.
std::string lists_section(const Site& site);

}  // namespace mxhealth::web
