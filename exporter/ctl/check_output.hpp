// What `mxhealthctl check` prints for others than people (those read report/target_text).
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "ctl/checked.hpp"

namespace mxhealth::ctl {

/// The document of /api/v1/targets/<domain>, one line for each target.
void print_json(const std::vector<Checked>&, Wall now, std::ostream&);

/// One line with performance data, for Nagios, Icinga and their kin.
void print_nagios(const std::vector<Checked>&, std::ostream&);

}  // namespace mxhealth::ctl
