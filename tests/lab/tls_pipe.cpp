#include "lab/tls_pipe.hpp"

#include <openssl/err.h>

#include <array>
#include <utility>

namespace mxhealth::lab {

TlsPipe::TlsPipe(Tls tls) : tls_(std::move(tls)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
  SSL_set_bio(tls_.get(), in_, out_);  // takes both
}

void TlsPipe::feed(std::string_view from_peer) { BIO_write(in_, from_peer.data(), static_cast<int>(from_peer.size())); }

TlsPipe::State TlsPipe::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  if (result == 1) return State::done;
  return SSL_get_error(tls_.get(), result) == SSL_ERROR_WANT_READ ? State::wants_input : State::failed;
}

TlsPipe::State TlsPipe::read(std::string& clear) {
  std::array<char, 4096> buffer;
  for (;;) {
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) {
      clear.append(buffer.data(), static_cast<std::size_t>(got));
      continue;
    }
    const int why = SSL_get_error(tls_.get(), got);
    if (why == SSL_ERROR_WANT_READ) return State::wants_input;
    return why == SSL_ERROR_ZERO_RETURN ? State::done : State::failed;
  }
}

void TlsPipe::write(std::string_view clear) {
  if (clear.empty()) return;
  ERR_clear_error();
  SSL_write(tls_.get(), clear.data(), static_cast<int>(clear.size()));
}

void TlsPipe::close() {
  ERR_clear_error();
  SSL_shutdown(tls_.get());
}

std::string TlsPipe::take_output() {
  std::string bytes(BIO_ctrl_pending(out_), '\0');
  if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace mxhealth::lab
