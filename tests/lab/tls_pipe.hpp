// TLS between two buffers: bytes from the peer go in, bytes for the peer come out. No sockets, so that a script can cut
// a handshake at any byte.
#pragma once

#include <string>
#include <string_view>

#include "lab/certs.hpp"

namespace mxhealth::lab {

class TlsPipe {
 public:
  enum class State { wants_input, done, failed };

  explicit TlsPipe(Tls tls);

  void feed(std::string_view from_peer);
  State handshake();
  /// What the peer said, appended to `clear`. Ends in `wants_input`, `done` (close_notify) or `failed`.
  State read(std::string& clear);
  void write(std::string_view clear);
  /// close_notify.
  void close();
  /// Encrypted bytes that are due to the peer.
  std::string take_output();

 private:
  Tls tls_;
  BIO* in_;
  BIO* out_;
};

}  // namespace mxhealth::lab
