// The lab as a process of its own, so that what it costs is not counted with what is measured: a thousand scripted
// hosts on loopback, each of one kind (load.yml). It ends with its parent.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/name.hpp"

namespace mxhealth::bench {

struct Host {
  ServerName name;
  Peer peer;
};

class LoadWorld {
 public:
  /// Starts before the caller has any thread. Throws std::runtime_error when the lab cannot play.
  LoadWorld();
  ~LoadWorld();
  LoadWorld(const LoadWorld&) = delete;
  LoadWorld& operator=(const LoadWorld&) = delete;

  /// By kind: "prompt", "prompt_tls", "late", "late_tls", "held".
  const std::vector<Host>& hosts(const std::string& kind) const { return hosts_.at(kind); }
  const std::string& ca_file() const { return ca_file_; }

 private:
  pid_t lab_ = -1;
  std::map<std::string, std::vector<Host>> hosts_;
  std::string ca_file_;
};

}  // namespace mxhealth::bench
