#include "ctl/served_key.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
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

constexpr timeval kPatience{30, 0};             // of one read or write, and of connect
constexpr std::chrono::seconds kWhole{60};      // of the talk before TLS
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
  explicit Socket(Family family)
      : fd_(::socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
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

 private:
  int fd_;
  std::string read_;  // not looked at yet
  std::size_t total_ = 0;
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + kWhole;
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
  while (total_ <= kMaxReplies && std::chrono::steady_clock::now() < end_) {
    for (auto end = read_.find('\n'); end != std::string::npos; end = read_.find('\n')) {
      const std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      const bool has_code = line.size() >= 3 && line.find_first_not_of("0123456789") >= 3;
      if (!has_code) return 0;
      if (line.size() == 3 || line[3] != '-') return std::stoi(line.substr(0, 3));
    }
    std::array<char, 4096> buffer{};
    const auto count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return 0;
    total_ += static_cast<std::size_t>(count);
    read_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return 0;
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
  if (SSL_connect(secure.get()) != 1) return {"", "the TLS handshake fails"};
  const Certificate leaf(SSL_get1_peer_certificate(secure.get()));
  if (!leaf) return {"", "no certificate is served"};
  return {key_digest(leaf.get()), ""};
}

}  // namespace

ServedKey served_key(const Peer& peer, const ServerName& name, const Name& ehlo_name) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  Socket socket(peer.address.family());
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
