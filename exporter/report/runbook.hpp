// The runbook pages of dashboards/runbooks, which are a part of the program, so that a terminal shows the same words:
// of a cause what a sender sees, whose side it is and how it is mended; and what the web says wrongly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/cause.hpp"

namespace mxhealth::report {

/// Paragraphs without Markdown's marks, except for the backticks around commands.
struct CausePage {
  std::string file;  ///< "dashboards/runbooks/causes/connect_refused.md"
  std::string sender_sees;
  std::vector<std::string> whose_side;
  std::vector<std::string> mend;
};

/// Empty but for `file` if there is no such page (a test sees to it that there is).
CausePage cause_page(Cause);

/// "Where the web's advice is wrong", a paragraph each.
std::vector<std::string> wrong_advice();

/// The text of a page as it is in the source: "connect_refused", "README". Empty: no such page.
std::string_view page_text(std::string_view name);

/// A section's paragraphs: list items and what blank lines part, each on one line.
std::vector<std::string> section_of(std::string_view page, std::string_view heading);

}  // namespace mxhealth::report
