#include "ctl/served_key.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>

namespace mxhealth::ctl {
namespace {

constexpr timeval kPatience{30, 0};             // of connect, and of one write
constexpr std::size_t kMaxReplies = 64 * 1024;  // octets of all replies

template <auto free>
struct Free {
  void operator()(auto* one) const { free(one); }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Secure = std::unique_ptr<SSL, Free<SSL_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

class Socket {
 public:
  Socket(Family family, std::chrono::milliseconds whole)
      : end_(std::chrono::steady_clock::now() + whole),
        fd_(::socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);  // bounds connect(), too
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }
  bool connect(const Peer& peer) const;
  bool send(const std::string& line) const {
    return ::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
  }
  /// The code of a whole reply, 0 without one.
  int reply();
  /// Octet by octet or not, within what is left of the whole.
  bool shake_hands(SSL* secure) const;

 private:
  bool wait_for(short event) const;

  std::chrono::steady_clock::time_point end_;
  int fd_;
  std::string read_;  // not looked at yet
  std::size_t total_ = 0;
};

bool Socket::connect(const Peer& peer) const {
  const auto bytes = peer.address.bytes();
  if (peer.address.family() == Family::ipv4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(peer.port);
    std::memcpy(&to.sin_addr, bytes.data(), bytes.size());
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(peer.port);
  std::memcpy(&to.sin6_addr, bytes.data(), bytes.size());
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

int Socket::reply() {
  while (total_ <= kMaxReplies) {
    for (auto end = read_.find('\n'); end != std::string::npos; end = read_.find('\n')) {
      const std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      const bool has_code = line.size() >= 3 && line.find_first_not_of("0123456789") >= 3;
      if (!has_code) return 0;
      if (line.size() == 3 || line[3] != '-') return std::stoi(line.substr(0, 3));
    }
    std::array<char, 4096> buffer{};
    if (!wait_for(POLLIN)) return 0;
    const auto count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return 0;
    total_ += static_cast<std::size_t>(count);
    read_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return 0;
}

/// False when the whole is over before.
bool Socket::wait_for(short event) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  pollfd ready{fd_, event, 0};
  return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) == 1;
}

bool Socket::shake_hands(SSL* secure) const {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  for (int done = SSL_connect(secure); done != 1; done = SSL_connect(secure)) {
    const int wants = SSL_get_error(secure, done);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return false;
    if (!wait_for(wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) return false;
  }
  return true;
}

std::string key_digest(const X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (length <= 0) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const bool done = EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), &size, EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  std::string hex;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned i = 0; done && i < size; ++i) {
    hex += kDigits[digest[i] >> 4U];
    hex += kDigits[digest[i] & 15U];
  }
  return hex;
}

ServedKey handshake(const Socket& socket, const ServerName& name) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Secure secure(context ? SSL_new(context.get()) : nullptr);
  if (!secure) return {"", "this host lacks memory"};
  std::string sni = name.str();  // the macro for it casts in the old style
  SSL_ctrl(secure.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, sni.data());
  SSL_set_fd(secure.get(), socket.fd());
  if (!socket.shake_hands(secure.get())) return {"", "the TLS handshake fails"};
  const Certificate leaf(SSL_get1_peer_certificate(secure.get()));
  if (!leaf) return {"", "no certificate is served"};
  return {key_digest(leaf.get()), ""};
}

}  // namespace

ServedKey served_key(const Peer& peer, const ServerName& name, const Name& ehlo_name, std::chrono::milliseconds whole) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  Socket socket(peer.address.family(), whole);
  if (socket.fd() < 0) return {"", "this host has no socket left for it"};
  if (!socket.connect(peer))
    return {"", errno == ECONNREFUSED ? "the connection is refused" : "no connection comes about"};
  if (socket.reply() != 220) return {"", "no 220 greeting"};
  if (!socket.send("EHLO " + ehlo_name.str() + "\r\n") || socket.reply() != 250)
    return {"", "EHLO is not answered with 250"};
  if (!socket.send("STARTTLS\r\n") || socket.reply() != 220) return {"", "STARTTLS is not answered with 220"};
  return handshake(socket, name);
}

}  // namespace mxhealth::ctl
