// The errands of one role of a target: which module wants one at which server. Envelopes go to the server of best
// preference alone, since one refused recipient tells as much as ten; logins go to every server.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "watch/errand.hpp"

namespace mxhealth::watch {

class ErrandBook {
 public:
  /// `servers`: those of the role, best first. An errand that is still the same keeps what it knows.
  void list(const std::vector<config::Module>& modules, const std::vector<ServerName>& servers, Duration apart);

  /// After a reload: logins that were given up are tried again.
  void forgive();

  /// Null where the module wants none of this server.
  const Errand* find(const config::Module& module, const ServerName& server) const;

  /// Those of the module that a session could take along now.
  std::vector<std::shared_ptr<Errand>> due(const config::Module& module, Mono now) const;

 private:
  using Key = std::pair<std::string, ServerName>;   // the module's name
  std::map<Key, std::shared_ptr<Errand>> errands_;  // their other owner is a session under way
};

}  // namespace mxhealth::watch
