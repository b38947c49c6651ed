// A mail host for the tests of links and sessions: one function is its script, played to each connection on a thread of
// its own with blocking sockets, so that it goes on while our loop is busy. Every wait is bounded: what hangs fails a
// test instead of hanging it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/our_loop.hpp"
#include "tls/certificates.hpp"

namespace mxhealth::test {

/// A server's side of TLS; `extra` is sent behind the leaf.
class Identity {
 public:
  explicit Identity(const tls::testing::Issued& leaf, std::vector<const tls::testing::Issued*> extra = {})
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_use_certificate(context_.get(), leaf.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), leaf.key.get());
    for (const auto* one : extra) {
      X509_up_ref(one->certificate.get());
      SSL_CTX_ctrl(context_.get(), SSL_CTRL_EXTRA_CHAIN_CERT, 0, one->certificate.get());
    }
  }
  SSL_CTX* native() const { return context_.get(); }
  Identity& at_most(int version) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    return *this;
  }

 private:
  struct Free {
    void operator()(SSL_CTX* c) const noexcept { SSL_CTX_free(c); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

inline tls::testing::Wishes valid_today(const std::string& host) {
  tls::testing::Wishes wishes;
  wishes.subject = host;
  wishes.alt_names = "DNS:" + host;
  const Wall today = std::chrono::system_clock::now();
  wishes.from = today - std::chrono::hours(24);
  wishes.until = std::chrono::floor<std::chrono::seconds>(today + std::chrono::hours(24 * 30));
  return wishes;
}

/// One connection, from the host's side.
class Talk {
 public:
  explicit Talk(int fd) : fd_(fd) {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~Talk() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    ::close(fd_);
  }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  /// False when the client has gone.
  bool say(std::string_view text) {
    while (!text.empty()) {
      const int part = static_cast<int>(std::min<std::size_t>(text.size(), 1 << 20));
      const ssize_t n = ssl_ != nullptr ? SSL_write(ssl_, text.data(), part)
                                        : ::send(fd_, text.data(), static_cast<std::size_t>(part), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Without its end; "(gone)" when the client has.
  std::string line() {
    std::size_t end = 0;
    while ((end = input_.find("\r\n")) == std::string::npos)
      if (!receive()) return "(gone)";
    const std::string text = input_.substr(0, end);
    input_.erase(0, end + 2);
    return text;
  }

  /// All octets until the client closes.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(input_, {});
  }

  /// False when the client said something or left before `time` was over.
  bool silent_for(std::chrono::milliseconds time) {
    pollfd waiting{fd_, POLLIN, 0};
    return input_.empty() && ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
  }

  bool start_tls(const Identity& identity) {
    ssl_ = SSL_new(identity.native());
    SSL_set_fd(ssl_, fd_);
    return SSL_accept(ssl_) == 1;
  }
  void close_notify() { SSL_shutdown(ssl_); }
  SSL* ssl() { return ssl_; }

  void finish() { ::shutdown(fd_, SHUT_WR); }
  void hang_up() { ::shutdown(fd_, SHUT_RDWR); }
  /// The coming close is an RST.
  void reset_at_end() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  int fd() const { return fd_; }
  bool has_client() const {
    pollfd waiting{fd_, POLLRDHUP, 0};
    return ::poll(&waiting, 1, 0) == 0;
  }

  std::string from() const {
    sockaddr_in client{};
    socklen_t size = sizeof client;
    ::getpeername(fd_, reinterpret_cast<sockaddr*>(&client), &size);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &client.sin_addr, text.data(), text.size());
    return text.data();
  }

 private:
  bool receive() {
    std::array<char, 65536> buffer;
    const ssize_t n = ssl_ != nullptr ? SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()))
                                      : ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (n <= 0) return false;
    input_.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  SSL* ssl_ = nullptr;
  std::string input_;
};

class Host {
 public:
  using Script = std::function<void(Talk&)>;

  explicit Host(Script script, std::string_view at = "127.0.0.1", std::uint16_t port = 0)
      : script_(std::move(script)), address_(address(at)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::signal(SIGPIPE, SIG_IGN);  // of the host's own SSL_write
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    std::memcpy(&here.sin_addr, address_.bytes().data(), 4);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&here), sizeof here) != 0 || ::listen(listener_, 64) != 0)
      throw std::runtime_error("cannot listen on loopback");
    socklen_t size = sizeof here;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~Host() {
    closing_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    ::close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (const auto& talk : open_) talk->hang_up();
    }
    for (std::thread& one : talking_) one.join();
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  Peer peer() const { return {address_, port_}; }
  int sessions() const { return sessions_; }
  int open() const { return open_now_; }
  int most_open() const { return most_open_; }  ///< whose clients had not closed yet when another came

 private:
  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) {
        if (closing_) return;
        continue;
      }
      ++sessions_;
      const auto talk = std::make_shared<Talk>(fd);
      const std::lock_guard lock(mutex_);
      int others = 0;
      for (const auto& other : open_) others += other->has_client() ? 1 : 0;
      most_open_ = std::max(most_open_.load(), others + 1);
      open_.push_back(talk);
      ++open_now_;
      if (closing_) talk->hang_up();
      talking_.emplace_back([this, talk] { play(talk); });
    }
  }
  void play(const std::shared_ptr<Talk>& talk) {
    script_(*talk);
    const std::lock_guard lock(mutex_);
    std::erase(open_, talk);
    --open_now_;
  }

  Script script_;
  Address address_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> closing_ = false;
  std::atomic<int> sessions_ = 0, open_now_ = 0, most_open_ = 0;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Talk>> open_;  // each with its thread
  std::vector<std::thread> talking_;
  std::thread accepting_;
};

/// A port of 127.0.0.1 on which nobody listens.
inline Peer closed_peer() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(fd, reinterpret_cast<sockaddr*>(&here), sizeof here);
  socklen_t size = sizeof here;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
  ::close(fd);
  return {address("127.0.0.1"), ntohs(here.sin_port)};
}

/// A listener whose queue is full: Linux drops further SYNs.
class SilentPeer {
 public:
  SilentPeer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&here), sizeof here);
    ::listen(listener_, 0);
    socklen_t size = sizeof here;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      ::connect(filler, reinterpret_cast<sockaddr*>(&here), sizeof here);
    }
  }
  ~SilentPeer() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;
  Peer peer() const { return {address("127.0.0.1"), port_}; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::array<int, 2> fillers_{};
};

}  // namespace mxhealth::test
