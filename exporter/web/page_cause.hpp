// The runbook page of one cause: the same words as `mxhealthctl explain` and dashboards/runbooks/.
#pragma once

#include <string>

#include "model/cause.hpp"

namespace mxhealth::web {

struct Site;

std::string cause_page(const Site& site, Cause cause);

}  // namespace mxhealth::web
