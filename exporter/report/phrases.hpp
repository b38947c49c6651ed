// What mail programs write when a delivery fails, and which causes are behind the words: Postfix, Exim, Sendmail,
// qmail, Exchange and Microsoft 365, OpenSMTPD. THE table of such words; dashboards/runbooks/README.md shows a part.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/cause.hpp"

namespace mxhealth::report {

/// Who came to the conclusion that the words state.
enum class Sayer : std::uint8_t { unknown, sender, receiver };

struct Phrase {
  std::string_view words;  ///< lower case, spaces for underscores
  std::string_view then;   ///< must follow somewhere behind; empty mostly
  std::string_view meaning;
  std::vector<Cause> causes;
  Sayer sayer = Sayer::sender;
};

/// The special before the general: words that an earlier row has found are not looked at again.
std::span<const Phrase> phrases();

/// Those found in `text`, in the table's order. Case and underscores do not matter.
std::vector<const Phrase*> phrases_in(std::string_view text);

}  // namespace mxhealth::report
