// The exporter's own health on the landing page: a person must see at once whether what the page says can be believed.
#pragma once

#include <string>

#include "model/time.hpp"

namespace mxhealth::web {

struct Site;

std::string own_health(const Site& site, Wall now);

}  // namespace mxhealth::web
