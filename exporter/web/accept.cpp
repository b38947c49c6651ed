// Listening: who gets in, and who has to leave when it gets crowded or descriptors run out.
#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>
#include <variant>

#include "log/event.hpp"
#include "web/server_state.hpp"

namespace mxhealth::web {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};  // while there is no descriptor

/// One client's failure is its own end, and a line in the log.
void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log::event(log::Level::error, "web_connection_failed", {{"error", error.what()}});
  }
}

/// A listener's failure leaves nobody to answer: it ends the program by way of the loop.
void pass_on(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

Descriptor open_reserve() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Server::Server(asio::io_context& publishing, WebOptions options, Mirror& mirror, Callbacks callbacks)
    : state_(std::make_shared<State>(publishing, std::move(options), mirror, std::move(callbacks))) {}

Server::~Server() { stop(); }

Server::Started Server::start() {
  std::vector<Listened> opened;
  if (state_->options.systemd_socket) {
    opened = listen_from_systemd();
  } else {
    for (const std::string& address : state_->options.listen_addresses) opened.push_back(listen_on(address));
  }
  Started started;
  for (const Listened& one : opened) {
    if (const auto* error = std::get_if<std::string>(&one)) started.error = *error;
    if (!started) return started;
  }
  state_->reserve = open_reserve();
  for (Listened& one : opened) {
    auto& listening = std::get<Listening>(one);
    started.addresses.push_back(listening.address);
    auto acceptor = std::make_shared<Acceptor>(state_->executor);
    acceptor->assign(listening.ipv6 ? Tcp::v6() : Tcp::v4(), listening.socket.release());
    state_->acceptors.push_back(acceptor);
    asio::co_spawn(state_->executor, state_->accept_all(acceptor), pass_on);
  }
  return started;
}

void Server::protect(std::shared_ptr<const Protection> protection) { state_->doorkeeper.use(std::move(protection)); }

void Server::drain() { state_->site.draining = true; }

void Server::stop() {
  drain();
  if (std::exchange(state_->stopping, true)) return;
  boost::system::error_code ignored;
  for (const auto& acceptor : state_->acceptors) acceptor->close(ignored);
  for (Connection* client : state_->connections) {
    if (client->doing == Doing::answering || client->doing == Doing::sending) {
      state_->limit(*client, kStopDeadline);
    } else {
      client->close();
    }
  }
}

net::awaitable<void> Server::State::accept_all(std::shared_ptr<Acceptor> acceptor) {
  const auto self = shared_from_this();
  Timer pause(executor);
  bool short_of_descriptors = false;
  while (!stopping) {
    auto [error, socket] = co_await acceptor->async_accept(net::as_values);
    if (stopping || error == asio::error::operation_aborted) break;
    if (error == asio::error::connection_aborted) continue;
    if (!error) {
      short_of_descriptors = false;
      if (admit()) asio::co_spawn(executor, serve(std::move(socket)), report);
      continue;
    }
    if (!std::exchange(short_of_descriptors, true)) {
      log::event(log::Level::warn, "web_accept_failed", {{"error", error.message()}});
    }
    if (!cut_oldest()) shed_one(*acceptor);
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(net::as_values);
  }
}

/// Whether there is a place for one more.
bool Server::State::admit() { return connections.size() < kMaxConnections || cut_oldest(); }

/// Makes room: the client that has waited longest goes; if none waits, the one that is longest at its request, or else
/// at taking its answer.
bool Server::State::cut_oldest() {
  for (const Doing expendable : {Doing::waiting, Doing::reading, Doing::sending}) {
    for (Connection* client : connections) {
      if (client->doing != expendable || !client->wire.is_open()) continue;
      client->close();
      return true;
    }
  }
  return false;
}

/// Accepts one client only to close it: a queue that nobody empties would keep waking the acceptor.
void Server::State::shed_one(Acceptor& acceptor) {
  reserve = Descriptor();
  Descriptor shed(::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  shed = Descriptor();
  reserve = open_reserve();
}

}  // namespace mxhealth::web
