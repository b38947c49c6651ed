// What `mxhealthctl lists` prints, for people and as JSON.
#pragma once

#include <iosfwd>
#include <vector>

#include "ctl/list_tests.hpp"

namespace mxhealth::ctl {

void print_text(const std::vector<TestedList>&, std::ostream&);
void print_json(const std::vector<TestedList>&, std::ostream&);

}  // namespace mxhealth::ctl
