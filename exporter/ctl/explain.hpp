// `mxhealthctl explain`: what a cause, a status, a reply code, a line of a log or a bounce means. Opens no socket; a
// bounce comes on `in` and is read as far as report/log_line.hpp bounds it.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace mxhealth::ctl {

struct ExplainRequest {
  std::vector<std::string> words;  ///< joined by spaces; "-" alone: read `in`
  bool json = false;
  bool list = false;  ///< print the single words that are known, and nothing else
};

/// Exit code: 0, or 3 where nothing is known of it.
int explain(const ExplainRequest&, bool colours, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace mxhealth::ctl
