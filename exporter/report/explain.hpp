// What `mxhealthctl explain` knows of a cause, a status, a reply code, or of what somebody pasted. Pure: it puts
// together what THE table of causes, the tables of statuses, codes, phrases and suspects, and the runbooks say. No fact
// is here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cause.hpp"
#include "report/runbook.hpp"
#include "report/suspects.hpp"

namespace mxhealth::report {

/// A thing that was recognized, and what it means.
struct Known {
  std::string name;  ///< "421", "4.4.1", "Connection refused"
  std::string meaning;
  std::string source{};  ///< "RFC 3463 section 3.5"; empty: nobody's rule
};

struct CauseWords {
  const CauseRow* row = nullptr;
  CausePage page;
  Shown shown;
};

struct Explanation {
  std::string subject;  ///< what was understood, short: "421 4.4.1"
  std::vector<Known> known;
  std::vector<std::string> notes;     ///< who says it, where code and status contradict each other, what to beware of
  std::vector<CauseWords> causes;     ///< that may be behind it, the likeliest first; one: it is that
  std::string host{};                 ///< named in the text; what `mxhealthctl check` could be asked about
  bool is_about_connections = false;  ///< then the suspects and the web's advice belong here
};

/// None: nothing in the text is known.
std::optional<Explanation> explain(std::string_view text);

/// All single words that it knows: causes, classes of causes, statuses, codes. For did-you-mean and completion.
std::vector<std::string> known_words();

}  // namespace mxhealth::report
