// How a scripted session enters TLS, breaks a handshake, and ends.
#include <utility>

#include "lab/faults.hpp"
#include "lab/session.hpp"

namespace mxhealth::lab {

awaitable<Session::Next> Session::handshake() {
  greeting_ = false;  // with implicit TLS the client begins
  Tls side = certificates_.accept(behaviour_->certificate, host_, behaviour_->tls_min, behaviour_->tls_max);
  auto pipe = std::make_unique<TlsPipe>(std::move(side));
  pipe->feed(std::exchange(input_, {}));
  for (;;) {
    const TlsPipe::State state = pipe->handshake();
    const Next next = co_await send_raw(pipe->take_output());
    if (next == Next::hang_up || state == TlsPipe::State::failed) co_return Next::hang_up;
    if (state == TlsPipe::State::done) break;
    const bool more = co_await receive();
    if (!more) co_return Next::hang_up;
    pipe->feed(std::exchange(input_, {}));
  }
  ++seen_->handshakes;
  tls_ = std::move(pipe);
  tls_->read(input_);
  co_return Next::go_on;
}

awaitable<Session::Next> Session::broken_flight(const Step& step) {
  greeting_ = false;
  TlsPipe pipe(certificates_.accept(behaviour_->certificate, host_, behaviour_->tls_min, behaviour_->tls_max));
  pipe.feed(std::exchange(input_, {}));
  std::string flight;
  while (flight.empty()) {
    if (pipe.handshake() == TlsPipe::State::failed) co_return Next::hang_up;
    flight = pipe.take_output();
    if (!flight.empty()) break;
    const bool more = co_await receive();
    if (!more) co_return Next::hang_up;
    pipe.feed(std::exchange(input_, {}));
  }
  const Next next = co_await send_raw(flight.substr(0, step.count));
  if (next == Next::hang_up) co_return next;
  if (step.text == "reset") close_by_reset(socket_);
  if (step.text == "silence") co_return co_await listen_until_peer_leaves();
  co_return Next::hang_up;
}

/// FIN, but no RST: what the peer still says is read.
awaitable<Session::Next> Session::close() {
  look_for_early_talk();
  greeting_ = false;
  if (tls_) {
    tls_->close();
    co_await send_raw(tls_->take_output());
  }
  Error ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  co_return co_await listen_until_peer_leaves();
}

}  // namespace mxhealth::lab
