// TLS over a Link: OpenSSL on a BIO of our own, which reads with the kernel's time stamps and writes without SIGPIPE.
// Verifies nothing: the served chain is taken down and judged elsewhere, so that a bad certificate still shows its
// dates.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>

#include "model/name.hpp"
#include "model/tls_version.hpp"
#include "net/link.hpp"

namespace mxhealth::net {

struct FreeSslContext {
  void operator()(SSL_CTX*) const noexcept;
};
struct FreeSsl {
  void operator()(SSL*) const noexcept;
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

inline constexpr long kMaxServedChain = 100 * 1024;       // octets of certificates that a server may send
inline constexpr std::size_t kMaxReadAtOnce = 64 * 1024;  // octets below TLS before the loop gets its turn

/// The probing context: TLS 1.0 upward and security level 0, since old servers are to be seen, not refused.
/// Throws std::runtime_error when OpenSSL cannot make one.
SslContext make_probe_context();

/// Another owner of the same context.
SslContext share(const SslContext& context);

struct Handshake {
  IoResult result;        ///< ok, or how it ended; `tls_error` is set where TLS itself failed (end is failed, error 0)
  std::string tls_error;  ///< OpenSSL's reason
  Duration duration{};    ///< from our first octet sent to the last octet of theirs received
};

class TlsLink {
 public:
  /// `only`: the one version that is offered.
  TlsLink(Link&, SSL_CTX*, std::optional<TlsVersion> only = std::nullopt);
  ~TlsLink();
  TlsLink(const TlsLink&) = delete;
  TlsLink& operator=(const TlsLink&) = delete;

  awaitable<Handshake> handshake(ServerName sni);
  awaitable<IoResult> read_some(std::span<char> into);
  awaitable<IoResult> write_all(std::span<const char> bytes);
  void say_goodbye();  // close_notify, without waiting

  const SSL* ssl() const { return ssl_.get(); }
  const std::string& tls_error() const { return tls_error_; }

 private:
  friend struct LinkBio;
  /// What an SSL call that returned `code` is waiting for or failed with.
  IoResult judge(int code);
  void begin_call();
  /// However it ends, the SSL call is made again: behind a deadline it finds what came in time, or that it is over.
  awaitable<IoResult> wait_for(int ssl_error);

  Link& link_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  IoResult last_read_;  // of the BIO: how the octets below TLS came
  IoResult last_write_;
  Mono first_write_{};
  std::size_t may_read_ = 0;  // of kMaxReadAtOnce, in this call
  std::string tls_error_;
};

}  // namespace mxhealth::net
