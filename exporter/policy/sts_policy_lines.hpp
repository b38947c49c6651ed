// The lines of an MTA-STS policy file (RFC 8461 section 3.2): "name: value" each, ended by LF or CRLF. Knows the form
// of a line, not what the names mean; unknown names are the future's and are passed over by who reads on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/policy.hpp"

namespace mxhealth::policy {

struct StsLine {
  std::string_view name;
  std::string_view value;  ///< without blanks around it
};

struct StsLines {
  bool readable = true;  ///< false: this is no such file at all, as the one note says
  std::vector<StsLine> lines{};
  std::vector<PolicyNote> notes{};
};

/// Views into `body`.
StsLines read_sts_lines(std::string_view body);

}  // namespace mxhealth::policy
