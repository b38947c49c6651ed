#include "net/tls_link.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>

#include "model/transcript.hpp"

namespace mxhealth::net {

void FreeSslContext::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
void FreeSsl::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

// The BIO under TLS. Its octets go through the Link without waiting; the caller waits and calls again.
struct LinkBio {
  static int read(BIO* bio, char* into, int size) {
    auto& tls = *static_cast<TlsLink*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t room = std::min(static_cast<std::size_t>(size), tls.may_read_);
    const IoResult got = room > 0 ? tls.link_.read_now({into, room}) : IoResult{.end = IoEnd::would_block};
    if (got.end == IoEnd::would_block) {
      BIO_set_retry_read(bio);
      return -1;
    }
    tls.may_read_ -= got.size;
    tls.last_read_ = got;
    if (got.end == IoEnd::ok) return static_cast<int>(got.size);
    return got.end == IoEnd::closed ? 0 : -1;
  }

  static int write(BIO* bio, const char* bytes, int size) {
    auto& tls = *static_cast<TlsLink*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (tls.first_write_ == Mono{}) tls.first_write_ = std::chrono::steady_clock::now();
    const IoResult wrote = tls.link_.write_now({bytes, static_cast<std::size_t>(size)});
    if (wrote.end == IoEnd::would_block) {
      BIO_set_retry_write(bio);
      return -1;
    }
    tls.last_write_ = wrote;
    return wrote.end == IoEnd::ok ? static_cast<int>(wrote.size) : -1;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mxhealth link");
      BIO_meth_set_read(m, &LinkBio::read);
      BIO_meth_set_write(m, &LinkBio::write);
      BIO_meth_set_ctrl(m, &LinkBio::control);
      return m;
    }();
    return kMethod;
  }
};

SslContext make_probe_context() {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::runtime_error("OpenSSL cannot make a TLS context");
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "DEFAULT:@SECLEVEL=0");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), kMaxServedChain);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  // The chain is judged after the handshake, once for equal chains: nothing is verified inside it.
  SSL_CTX_set_cert_verify_callback(
      context.get(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  return context;
}

SslContext share(const SslContext& context) {
  SSL_CTX_up_ref(context.get());
  return SslContext(context.get());
}

namespace {

int number(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls_1_0: return TLS1_VERSION;
    case TlsVersion::tls_1_1: return TLS1_1_VERSION;
    case TlsVersion::tls_1_2: return TLS1_2_VERSION;
    case TlsVersion::tls_1_3: return TLS1_3_VERSION;
  }
  return 0;  // any
}

}  // namespace

TlsLink::TlsLink(Link& link, SSL_CTX* context, std::optional<TlsVersion> only) : link_(link), ssl_(SSL_new(context)) {
  if (!ssl_) throw std::bad_alloc();
  BIO* bio = BIO_new(LinkBio::method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (!only) return;
  SSL_set_min_proto_version(ssl_.get(), number(*only));
  SSL_set_max_proto_version(ssl_.get(), number(*only));
}

TlsLink::~TlsLink() = default;

IoResult TlsLink::judge(int code) {
  const int reason = SSL_get_error(ssl_.get(), code);
  const Mono now = std::chrono::steady_clock::now();
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
    return {.end = IoEnd::would_block, .error = reason, .at = now};
  if (reason == SSL_ERROR_ZERO_RETURN) return {.end = IoEnd::closed, .at = now};
  for (const IoResult& below : {last_read_, last_write_})
    if (below.error != 0 || below.end == IoEnd::timed_out || below.end == IoEnd::stopped) return below;
  if (last_read_.end == IoEnd::closed) return last_read_;
  char text[256];
  const unsigned long error = ERR_get_error();
  ERR_error_string_n(error, text, sizeof text);
  tls_error_ = printable(error != 0 ? text : "no reason given");
  return {.end = IoEnd::failed, .error = 0, .at = now};
}

// A peer may send without end what TLS keeps to itself (key updates, tickets): no call reads for ever.
void TlsLink::begin_call() {
  ERR_clear_error();
  may_read_ = kMaxReadAtOnce;
}

awaitable<IoResult> TlsLink::wait_for(int ssl_error) {
  if (ssl_error == SSL_ERROR_WANT_WRITE) return link_.wait_writable();
  return link_.wait_readable();
}

awaitable<Handshake> TlsLink::handshake(ServerName sni) {
  if (!sni.is_root())  // SSL_set_tlsext_host_name, without the macro's old-style cast
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(sni.str().c_str()));
  Handshake shake;
  last_read_ = last_write_ = IoResult{.end = IoEnd::ok};
  for (;;) {
    begin_call();
    const int code = SSL_connect(ssl_.get());
    if (code == 1) break;
    shake.result = judge(code);
    if (shake.result.end == IoEnd::would_block) {
      co_await wait_for(shake.result.error);
      continue;
    }
    shake.tls_error = tls_error_;
    co_return shake;
  }
  shake.result = last_read_;
  shake.result.end = IoEnd::ok;
  shake.duration = last_read_.at - first_write_;
  co_return shake;
}

awaitable<IoResult> TlsLink::read_some(std::span<char> into) {
  for (;;) {
    begin_call();
    std::size_t size = 0;
    const int code = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
    if (code == 1) co_return IoResult{.end = IoEnd::ok, .size = size, .at = last_read_.at, .clock = last_read_.clock};
    const IoResult why = judge(code);
    if (why.end != IoEnd::would_block) co_return why;
    co_await wait_for(why.error);
  }
}

awaitable<IoResult> TlsLink::write_all(std::span<const char> bytes) {
  while (!bytes.empty()) {
    begin_call();
    std::size_t size = 0;
    const int code = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size);
    if (code == 1) {
      bytes = bytes.subspan(size);
      continue;
    }
    const IoResult why = judge(code);
    if (why.end != IoEnd::would_block) co_return why;
    co_await wait_for(why.error);
  }
  co_return IoResult{.end = IoEnd::ok, .at = std::chrono::steady_clock::now()};
}

void TlsLink::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace mxhealth::net
