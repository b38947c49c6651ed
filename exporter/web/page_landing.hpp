// The landing page: what this is, links, and the domains with the worst first. Rendered here, without any script.
#pragma once

#include <string>
#include <string_view>

namespace mxhealth::web {

struct Site;

inline constexpr std::size_t kMaxRows = 1000;  // of the table; how many are left out is said

std::string landing_page(const Site& site);
std::string_view style_sheet();

/// Text for HTML, as content or between double quotes.
std::string escaped(std::string_view text);

}  // namespace mxhealth::web
