// Questions to one resolver over one transport: c-ares behind Asio. Gives back raw packets, or why there is none.
// Retries nothing, parses nothing, prefers nobody: upstream and resolver do. A query cannot be taken back from c-ares,
// so it shares a small record, the Ask, with whoever waits, who may leave first.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dns/query.hpp"
#include "model/address.hpp"
#include "model/time.hpp"

namespace mxhealth::net {

enum class Transport : std::uint8_t { edns, plain, tcp };  // UDP with OPT, UDP without, TCP with OPT

enum class Validation : std::uint8_t { wanted, disabled };  // CD set: answer even what fails validation

/// How one question to one resolver ended.
struct RawReply {
  enum class End : std::uint8_t {
    packet,
    timed_out,
    unreachable,  ///< closed port, no route, or no socket for us
    cancelled,
  };
  End end = End::cancelled;
  std::uint16_t id = 0;  ///< of the question
  std::vector<std::uint8_t> packet;
};

/// One question under way. It ends once, whoever ends it first; who waits is always resumed from the loop.
class Ask {
 public:
  using Done = std::function<void(RawReply)>;
  Ask(boost::asio::io_context& io, Done done) : io_(io), done_(std::move(done)) {}
  void end(RawReply);

 private:
  boost::asio::io_context& io_;
  Done done_;
};

class Channel {
 public:
  /// Throws std::runtime_error when c-ares cannot be set up: out of memory.
  Channel(boost::asio::io_context&, const Peer& server, Transport, Duration timeout);
  ~Channel();  // what is outstanding ends as `cancelled`
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void ask(const dns::Question&, std::shared_ptr<Ask>, Validation = Validation::wanted);

  std::size_t asked() const;  ///< in its life
  std::size_t outstanding() const;

  /// False once c-ares took EDNS off this channel for good, which it does at a FORMERR without OPT: get a fresh one.
  bool speaks_edns() const;

 private:
  class State;
  std::shared_ptr<State> state_;  // the other owners are handlers that wait in the loop
};

}  // namespace mxhealth::net
