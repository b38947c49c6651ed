// What the routes answer from, and where they stand: prefixes, links, the mirror, the daemon's callbacks.
#pragma once

#include <string>

#include "web/mirror.hpp"
#include "web/server.hpp"

namespace mxhealth::web {

struct Site {
  Site(const WebOptions& options, const Mirror& the_mirror, Callbacks the_callbacks);

  const Mirror& mirror;
  Callbacks callbacks;
  std::string prefix;     // before every route: "" or "/mx"
  std::string base;       // before every link, as a browser sees it: "" or "/mx"
  std::string telemetry;  // "/metrics"
  std::string version;
  bool draining = false;
};

}  // namespace mxhealth::web
