// What a verdict means, in words for people: the landing page now, `mxhealthctl` and logs from the same sentences.
// Pure; names of domains and servers come from the record, no text of a server's ever does. Not escaped for HTML.
#pragma once

#include <string>
#include <vector>

#include "model/record.hpp"

namespace mxhealth::report {

/// The state and what a sender would make of it: "No mail host of example.com answers on port 25. A sender would queue
/// and log 4.4.1."
std::string sentence(const DomainRecord& domain);

/// The cause's explanation; empty without one.
std::string explanation(const DomainRecord& domain);

/// What to look at first, with the names of the domain and of its mail host, where it has but one, filled in; empty
/// without a cause.
std::vector<std::string> first_checks(const DomainRecord& domain);

}  // namespace mxhealth::report
