// SMTP reply codes in words: all that RFC 5321 section 4.2.3 and its extensions name, a few that are in no RFC and in
// use all the same, and what a number means that only looks like a reply code: "441" is 4.4.1 without its dots.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/cause.hpp"

namespace mxhealth::report {

struct CodeRow {
  std::uint16_t code;
  std::string_view source;  ///< the RFC; empty: in none
  std::string_view meaning;
  std::vector<Cause> causes;  ///< that may be behind it when it comes without an enhanced status
};

std::span<const CodeRow> reply_codes();
const CodeRow* find_code(std::uint16_t code);

/// Of a code in no RFC whose digits, with dots, are a registered status: "4.4.1" for 441; else empty.
std::string dotted(std::uint16_t code);

/// What such a number is, in words.
std::string dotless_meaning(std::uint16_t code);

}  // namespace mxhealth::report
