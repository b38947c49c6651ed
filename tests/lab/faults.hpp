// What goes wrong below SMTP, without privileges: an address that never answers a SYN, and a hang-up by RST.
#pragma once

#include <list>

#include "lab/await.hpp"

namespace mxhealth::lab {

/// A listener whose accept queue is full and never emptied: Linux drops further SYNs, so connects to it time out.
class FullListener {
 public:
  /// Throws boost::system::system_error when the address is in use.
  FullListener(asio::io_context& io, const tcp::endpoint& at);

 private:
  Acceptor acceptor_;
  std::list<TcpSocket> fillers_;
};

/// Makes the coming close of this socket an RST.
void close_by_reset(TcpSocket& socket);

/// An address and port on which nothing listens is all that a refusal takes; this says so where it is meant.
Acceptor listen_on(asio::io_context& io, const tcp::endpoint& at, int backlog);

}  // namespace mxhealth::lab
