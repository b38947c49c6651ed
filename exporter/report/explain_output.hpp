// An explanation as people and programs read it. For people: 80 columns, headings, colours if asked.
#pragma once

#include <string>

#include "report/explain.hpp"

namespace mxhealth::report {

inline constexpr std::size_t kColumns = 80;

std::string text_of(const Explanation&, bool colours);

/// One JSON object; its keys are those of the section on `explain` in mxhealthctl(1).
std::string json_of(const Explanation&);

/// `text` in lines of kColumns, each behind `indent` spaces; the first begins with `lead`, which is at most that long.
/// Words are never broken.
std::string wrapped(std::string_view text, std::size_t indent, std::string_view lead = "");

}  // namespace mxhealth::report
