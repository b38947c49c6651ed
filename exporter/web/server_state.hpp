// What the server is made of, for its two sources: web/accept listens and admits, web/server talks to one client.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <memory>

#include "net/await.hpp"
#include "net/wheel.hpp"
#include "web/answer.hpp"
#include "web/doorkeeper.hpp"
#include "web/listen.hpp"
#include "web/server.hpp"
#include "web/site.hpp"
#include "web/wire.hpp"

namespace mxhealth::web {

using Acceptor = asio::basic_socket_acceptor<Tcp, net::Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

inline constexpr std::chrono::seconds kStopDeadline{2};  // for answers under way when the server stops

/// What a client is at. Only one whose answer is being made has a right to its place.
enum class Doing : std::uint8_t { waiting, reading, answering, sending };

/// One client. Its deadline is an entry of the wheel; expiry closes the socket under the waiting coroutine, which ends
/// by the error that follows.
struct Connection final : net::Wheel::Entry {
  explicit Connection(Socket accepted) : wire(std::move(accepted)) {}

  void close() {
    if (waits_for != nullptr) waits_for->cancel();
    wire.close();
  }

  Wire wire;
  Timer* waits_for = nullptr;  // the patience for an answer to come; nobody will read it once we are closed
  std::shared_ptr<const Protection> protection;  // as it began; once there is a newer one, its next answer is its last
  Doing doing = Doing::waiting;
  std::size_t filled = 0;
  std::array<char, kMaxHeader> buffer;

 private:
  void expire() override { close(); }
};

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::io_context& io, WebOptions wanted, const Mirror& mirror, Callbacks callbacks)
      : options(std::move(wanted)),
        doorkeeper(callbacks.work),
        site(options, mirror, std::move(callbacks)),
        wheel(io),
        executor(io.get_executor()) {}

  // web/accept.cpp
  net::awaitable<void> accept_all(std::shared_ptr<Acceptor> acceptor);
  bool admit();
  bool cut_oldest();
  void shed_one(Acceptor& acceptor);

  // web/server.cpp
  net::awaitable<void> serve(Socket accepted);
  net::awaitable<bool> begin_tls(Connection& client);
  net::awaitable<Answer> answer_to(Connection& client, Request request, std::string authorization);
  net::awaitable<Answer> wait_long(Connection& client, Later later, std::chrono::milliseconds patience);
  net::awaitable<bool> send(Connection& client, Answer answer, bool body, bool keep_alive);
  net::awaitable<Answer> wait_for(Connection& client, Later later, std::chrono::milliseconds patience);
  net::awaitable<void> let_go(Connection& client);

  void limit(Connection& client, std::chrono::milliseconds time) {
    if (stopping) time = std::min<std::chrono::milliseconds>(time, kStopDeadline);
    wheel.arm(client, std::chrono::steady_clock::now() + time);
  }

  WebOptions options;
  Doorkeeper doorkeeper;
  Site site;
  net::Wheel wheel;
  net::Executor executor;
  std::vector<std::shared_ptr<Acceptor>> acceptors;
  std::list<Connection*> connections;  // the one that has waited longest first
  Descriptor reserve;                  // given up to get rid of a client when no descriptor is left
  bool stopping = false;
};

}  // namespace mxhealth::web
