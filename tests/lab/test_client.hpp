// A plain SMTP and TLS client for the lab's self-test. It shares the test's thread with the lab: between looks at its
// own non-blocking socket it lets the io_context run. Every wait ends after kPatience.
#pragma once

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

#include "lab/await.hpp"
#include "lab/certs.hpp"

namespace mxhealth::lab {

constexpr std::chrono::seconds kPatience{8};

/// Runs the lab until `done()` or the limit; false at the limit.
template <class Done>
bool run_until(asio::io_context& io, Done done, std::chrono::milliseconds limit = kPatience) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    io.restart();
    if (io.poll() == 0) ::poll(nullptr, 0, 1);
  }
  return true;
}

class TestClient {
 public:
  TestClient(asio::io_context& io, const tcp::endpoint& server)
      : io_(io), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    std::signal(SIGPIPE, SIG_IGN);  // SSL_set_fd writes without MSG_NOSIGNAL
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(server.address().to_v4().to_uint());
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd_, generic, sizeof address) != 0 && errno != EINPROGRESS) error_ = errno;
  }
  ~TestClient() {
    tls_.reset();
    ::close(fd_);
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  /// False with error() when refused, with error() 0 when nothing came within the limit.
  bool connected(std::chrono::milliseconds limit = kPatience) {
    run_until(
        io_,
        [&] {
          pollfd waiting{fd_, POLLOUT, 0};
          return error_ != 0 || ::poll(&waiting, 1, 0) == 1;
        },
        limit);
    pollfd waiting{fd_, POLLOUT, 0};
    if (error_ != 0 || ::poll(&waiting, 1, 0) == 0) return false;
    socklen_t size = sizeof error_;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error_, &size);
    return error_ == 0;
  }
  int error() const { return error_; }

  void say(const std::string& line) { write(line + "\r\n"); }
  void write(std::string_view bytes) {
    if (tls_) {
      SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    } else {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) error_ = errno;
    }
  }

  /// Whole lines up to one whose fourth octet is no '-'; whatever came when the connection ended or time is up.
  std::string reply(std::chrono::milliseconds limit = kPatience) {
    std::string lines;
    run_until(
        io_,
        [&] {
          look();
          for (;;) {
            const auto end = input_.find('\n');
            if (end == std::string::npos) return ended_ || error_ != 0;
            const std::string line = input_.substr(0, end + 1);
            input_.erase(0, end + 1);
            lines += line;
            if (line.size() < 4 || line[3] != '-') return true;
          }
        },
        limit);
    return lines;
  }

  /// All that comes until the peer ends the connection, at most `most` octets.
  std::string rest(std::size_t most = 1 << 20, std::chrono::milliseconds limit = kPatience) {
    run_until(
        io_,
        [&] {
          look();
          return ended_ || error_ != 0 || input_.size() >= most;
        },
        limit);
    return input_;
  }
  bool ended() const { return ended_; }
  bool silent_for(std::chrono::milliseconds time) {
    return !run_until(
        io_,
        [&] {
          look();
          return ended_ || error_ != 0 || !input_.empty();
        },
        time);
  }

  /// A client's handshake that trusts `ca_file` and looks for `name`. True when the handshake itself worked.
  bool start_tls(const std::string& ca_file, const std::string& name) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_load_verify_locations(context_.get(), ca_file.c_str(), nullptr);
    Tls tls(SSL_new(context_.get()));
    SSL_set_fd(tls.get(), fd_);
    SSL_set1_host(tls.get(), name.c_str());
    // SSL_set_tlsext_host_name, without the cast in its macro.
    SSL_ctrl(tls.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
    bool done = false;
    run_until(io_, [&] {
      const int result = SSL_connect(tls.get());
      done = result == 1;
      const int why = SSL_get_error(tls.get(), result);
      return done || (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE);
    });
    if (done) tls_ = std::move(tls);
    return done;
  }
  long verify_result() const { return SSL_get_verify_result(tls_.get()); }
  std::string version() const { return SSL_get_version(tls_.get()); }
  X509* certificate() const { return SSL_get0_peer_certificate(tls_.get()); }

 private:
  void look() {
    std::array<char, 16384> buffer;
    for (;;) {
      const auto got = tls_ ? static_cast<ssize_t>(SSL_read(tls_.get(), buffer.data(), buffer.size()))
                            : ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (got > 0) {
        input_.append(buffer.data(), static_cast<std::size_t>(got));
        continue;
      }
      if (tls_) {
        ended_ = SSL_get_error(tls_.get(), static_cast<int>(got)) != SSL_ERROR_WANT_READ;
      } else if (got == 0) {
        ended_ = true;
      } else if (errno != EAGAIN) {
        error_ = errno;
      }
      return;
    }
  }

  asio::io_context& io_;
  int fd_;
  int error_ = 0;
  bool ended_ = false;
  std::string input_;
  Context context_;
  Tls tls_;
};

}  // namespace mxhealth::lab
