// The list `targets`, in the main file and in target files: what is probed, with what its modules and hosts come to.
// Does not look anything up: which hosts a domain's MX records name is the roster's business.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

/// The targets of all files so far, and what they are read against.
struct Targets {
  const Global& global;
  const std::map<std::string, Module>& modules;
  std::vector<Target> list;
  std::map<Name, Mark> marks;     // of every name, for the message about a second one
  bool someone_inherits = false;  // whether the global interval is used for hosts that are not our own
};

void parse_targets(const Field&, Targets&);

}  // namespace mxhealth::config
