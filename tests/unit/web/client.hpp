// A server on a thread of its own and blocking clients for the tests. Loopback, port 0; no client waits longer than
// kPatience for anything, so a server that forgets somebody fails the test instead of hanging it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>

#include "web/mirror.hpp"
#include "web/server.hpp"

namespace mxhealth::web {

constexpr timeval kPatience{10, 0};

/// A server with a mirror, running.
class Running {
 public:
  explicit Running(WebOptions options = {}, Callbacks callbacks = {}) {
    options.listen_addresses = {"127.0.0.1:0"};
    if (!callbacks.own_metrics)
      callbacks.own_metrics = [](metrics::Format, std::size_t) { return std::string("own 1\n"); };
    if (!callbacks.reload) callbacks.reload = [](ReloadAnswer done) { done(std::nullopt); };
    server_ = std::make_unique<Server>(io_, std::move(options), mirror_, std::move(callbacks));
    const auto started = server_->start();
    EXPECT_EQ(started.error, "");
    address_ = started.addresses.at(0);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Running() {
    on_loop([this] { server_->stop(); });
    thread_.join();  // ends only if stop() left nothing to wait for
  }

  /// Runs on the publishing loop, and waits until it has.
  template <class F>
  void on_loop(F work) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  void apply(Feed feed) {
    on_loop([&] { mirror_.apply(feed); });
  }
  std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoi(address_.substr(address_.rfind(':') + 1))); }
  Server& server() { return *server_; }

 private:
  boost::asio::io_context io_{1};
  Mirror mirror_;
  std::unique_ptr<Server> server_;
  std::string address_;
  std::thread thread_;
};

struct Reply {
  unsigned status = 0;
  std::string head;
  std::string body;
  bool has(const std::string& line) const { return head.find("\r\n" + line + "\r\n") != std::string::npos; }
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) : Client() {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    connect(port);
  }
  Client() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), rest_(std::move(other.rest_)) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool connect(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }

  /// False when the server has closed.
  bool say(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }

  void finish() { ::shutdown(fd_, SHUT_WR); }

  /// The next answer by its Content-Length; status 0 when there is none.
  Reply hear(bool with_body = true) {
    Reply reply;
    std::size_t end = 0;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return reply;
    }
    reply.head = rest_.substr(0, end + 4);
    rest_.erase(0, end + 4);
    reply.status = static_cast<unsigned>(std::stoi(reply.head.substr(9, 3)));
    const auto field = reply.head.find("Content-Length: ");
    const std::size_t length = field == std::string::npos ? 0 : std::stoul(reply.head.substr(field + 16));
    while (with_body && rest_.size() < length) {
      if (!receive()) return reply;
    }
    if (with_body) {
      reply.body = rest_.substr(0, length);
      rest_.erase(0, length);
    }
    return reply;
  }

  Reply ask(const std::string& request) { return say(request) ? hear() : Reply{}; }

  /// How many octets come until the server closes.
  std::size_t drain() {
    while (receive()) {
    }
    return rest_.size();
  }

  /// True when the server closes without another octet.
  bool is_closed() { return rest_.empty() && !receive() && !timed_out_; }

 private:
  bool receive() {
    std::array<char, 65536> buffer;
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    timed_out_ = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (n <= 0) return false;
    rest_.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  std::string rest_;
  bool timed_out_ = false;
};

inline std::string get(const std::string& path, const std::string& more = {}, const std::string& method = "GET") {
  return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

}  // namespace mxhealth::web
