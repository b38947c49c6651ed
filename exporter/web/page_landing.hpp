// The landing page: what is broken, since when, why, whose side it is on and what to do first; the worst first.
// Rendered here, without any script.
#pragma once

#include <string>
#include <string_view>

#include "model/record.hpp"

namespace mxhealth::web {

struct Site;

inline constexpr std::size_t kMaxRows = 1000;  // entries; how many are left out is said

/// What somebody wants to see of it; empty: everything.
struct Filter {
  std::string_view text{};     // in a domain's name, or in its cause's
  std::string_view verdict{};  // as its label
};

std::string landing_page(const Site& site, const Filter& filter, Wall now);

/// Verdict, cause, side and first checks of one entry, as both pages show them.
std::string case_text(const Site& site, const DomainRecord& domain, Wall now);

}  // namespace mxhealth::web
