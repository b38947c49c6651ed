// Suggested records as a zone file, where all but the records is comment, so that the whole can be pasted; and as JSON.
#pragma once

#include <string>

#include "policy/suggest.hpp"

namespace mxhealth::report {

std::string zone_text_of(const policy::Suggestion&, policy::Topic, const DomainName&);
std::string json_of(const policy::Suggestion&, policy::Topic, const DomainName&);

}  // namespace mxhealth::report
