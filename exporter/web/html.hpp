// What every page of ours is made of: its frame, escaped text, dates as people read them.
#pragma once

#include <string>
#include <string_view>

#include "model/record.hpp"

namespace mxhealth::web {

struct Site;

/// Text for HTML, as content or between double quotes.
std::string escaped(std::string_view text);

/// "2026-11-22 13:00 UTC"
std::string date(Wall when);
/// "5 min ago", "3 h ago", "in 12 days"
std::string ago(Wall when, Wall now);
/// A <time> element that says both.
std::string time_element(Wall when, Wall now);

/// "0.4 ms", "1.2 s"
std::string milliseconds(Duration took);

/// "at risk" for at_risk; "not probed yet" for none.
std::string words(const std::optional<Verdict>& verdict);
/// The class of the style sheet: bad, warn, good or quiet.
std::string_view tone(const std::optional<Verdict>& verdict);

/// The link to a target's page.
std::string target_link(const Site& site, const DomainName& name);

std::string page_begin(const Site& site, std::string_view title);
std::string page_end(const Site& site);

}  // namespace mxhealth::web
