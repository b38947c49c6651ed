// What `mxhealthctl check` prints: for people, for monitoring systems that run plugins. No text of a server's gets here
// that is not one of our own words.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "ctl/checked.hpp"

namespace mxhealth::ctl {

void print_text(const Checked&, Wall now, bool colours, std::ostream&);

/// One line with performance data, for Nagios, Icinga and their kin.
void print_nagios(const std::vector<Checked>&, std::ostream&);

/// "0.4 ms", "42 ms", "1.2 s", "2 min 5 s".
std::string rounded(Duration);

}  // namespace mxhealth::ctl
