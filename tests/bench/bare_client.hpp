// The limit that load_bench compares with: the same dialogue by a client of plain Asio that has no deadlines, keeps no
// facts and trusts its own clock. Verifies the chain, not the name.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "bench/load_world.hpp"
#include "net/await.hpp"

namespace mxhealth::bench {

struct BareRun {
  bool complete = false;
  std::string greeting;
  std::chrono::system_clock::time_point begun{};
  std::chrono::system_clock::duration banner{};  // between connect and greeting, as the program saw them
};

/// STARTTLS where `tls` is given.
net::awaitable<BareRun> bare_probe(net::asio::io_context& io, Peer peer, net::asio::ssl::context* tls);

}  // namespace mxhealth::bench
