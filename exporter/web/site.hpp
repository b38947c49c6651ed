// What the routes answer from, and where they stand: prefixes, links, the mirror, the daemon's callbacks.
#pragma once

#include <string>

#include "web/answer.hpp"
#include "web/mirror.hpp"
#include "web/server.hpp"

namespace mxhealth::web {

/// Before every route: "" or "/mx".
std::string route_prefix(const WebOptions& options);

struct Site {
  Site(const WebOptions& options, const Mirror& the_mirror, Callbacks the_callbacks);

  const Mirror& mirror;
  Callbacks callbacks;
  std::string prefix;     // as route_prefix() says
  std::string base;       // before every link, as a browser sees it: "" or "/mx"
  std::string telemetry;  // "/metrics"
  std::string version;
  Places reloads{kMaxWaitingReloads};
  Places probes{kMaxWaitingProbes};
  bool draining = false;
};

}  // namespace mxhealth::web
