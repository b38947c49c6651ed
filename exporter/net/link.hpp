// One TCP connection to a peer under a deadline: connect, read and write without blocking, with the kernel's time
// stamps. Errors are values; a wait that our deadline ended says timed_out, one that we stopped says stopped. No SMTP,
// no TLS.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <optional>
#include <span>

#include "model/address.hpp"
#include "model/session_run.hpp"
#include "model/time.hpp"
#include "net/await.hpp"
#include "net/wheel.hpp"

namespace mxhealth::net {

enum class IoEnd : std::uint8_t { ok, would_block, closed, failed, timed_out, stopped };

struct IoResult {
  IoEnd end = IoEnd::failed;
  int error = 0;         // errno, where end is failed
  std::size_t size = 0;  // octets moved
  Mono at{};             // when they arrived, or when we learnt of the end
  Clock clock = Clock::ours;
};

struct Connected {
  IoResult result;
  Duration round_trip{};
  bool never_left = false;  // the error is our own stack's word, no packet was sent
};

class Link final : private Wheel::Entry {
 public:
  Link(asio::io_context&, Wheel&);

  /// Each wait from now on ends at `when`; a step may only shorten the total set before.
  void set_total(Mono when);
  void set_step(Duration limit);
  bool total_was_cause() const { return step_ >= total_; }
  void stop();  // ends the current and every later wait

  awaitable<Connected> connect(Peer peer, std::optional<Address> source);
  awaitable<IoResult> read_some(std::span<char> into);
  awaitable<IoResult> write_all(std::span<const char> bytes);
  awaitable<IoResult> wait_readable();
  awaitable<IoResult> wait_writable();

  /// Without waiting. Behind a deadline only what came before it is read; else they say how it is over.
  IoResult read_now(std::span<char> into);
  IoResult write_now(std::span<const char> bytes);

  void close();

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

  void expire() override;
  void arm();
  int open(Peer peer, std::optional<Address> source);  // errno or 0
  IoResult try_read(std::span<char> into);
  IoResult try_write(std::span<const char> bytes);
  awaitable<IoResult> wait(Socket::wait_type what);
  std::optional<IoResult> already_over() const;

  Wheel& wheel_;
  Socket socket_;
  Mono total_ = Mono::max();
  Mono step_ = Mono::max();
  Mono waiting_since_{};  // nothing that answers us can have arrived earlier
  bool expired_ = false;
  bool stopped_ = false;
};

/// Keeps a stamped socket open for the life of the process: the kernel stamps received packets only while one exists.
int open_stamp_keeper();

}  // namespace mxhealth::net
