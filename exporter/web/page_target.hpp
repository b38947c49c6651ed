// The page of one target: the verdict of each role, its last day, servers and addresses with what happened there,
// certificates, policies, lists, and the sessions kept.
#pragma once

#include <string>

#include "report/book.hpp"

namespace mxhealth::web {

struct Site;

std::string target_page(const Site& site, const report::TargetView& target, Wall now);

}  // namespace mxhealth::web
