// From a request to an answer, by a table of method, path and function. To add an endpoint, add a row there.
// No sockets: tests call it with values.
#pragma once

#include "web/answer.hpp"

namespace mxhealth::web {

struct Site;

Answer answer(const Request& request, Site& site);

}  // namespace mxhealth::web
