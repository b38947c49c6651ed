// Which version of TLS is the oldest that a server still accepts: found by sessions that offer one version each, from
// the oldest up, at most one row of them per hour. Says which version to offer next and takes what came of it; starts
// nothing itself. What tells nothing (no greeting, silence in the handshake) leaves what was known.
#pragma once

#include <optional>

#include "model/session_run.hpp"
#include "model/time.hpp"
#include "model/tls_version.hpp"

namespace mxhealth::watch {

class OldestTls {
 public:
  static constexpr Duration kApart = std::chrono::hours(1);  // each refused handshake shows in somebody's log

  bool is_due(Mono now) const { return now >= due_; }

  /// A row begins behind a session that spoke `spoken`: that one needs no asking.
  void begin(Mono now, TlsVersion spoken);

  /// None: the row is over.
  std::optional<TlsVersion> next() const { return next_; }
  void take(const SessionRun& run);

  const std::optional<TlsVersion>& found() const { return found_; }  ///< by the last row that told something

 private:
  Mono due_ = Mono::min();
  TlsVersion spoken_ = TlsVersion::tls_1_3;
  std::optional<TlsVersion> next_;
  std::optional<TlsVersion> found_;
};

}  // namespace mxhealth::watch
