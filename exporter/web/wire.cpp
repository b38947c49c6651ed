#include "web/wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <string_view>

// g++ 12 at -O1 inlines only one half of Asio's frame allocation and takes the halves for strangers.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace mxhealth::web {
namespace {

using net::as_values;

constexpr std::string_view kSpeakTls =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "This is an HTTPS server: use https://\n";

bool was_plain_http(const boost::system::error_code& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

}  // namespace

struct Wire::Tls {
  Tls(Socket& socket, SSL_CTX* context) : stream(socket, ::SSL_new(context)) {}
  asio::ssl::stream<Socket&> stream;
};

Wire::Wire(Socket accepted) : socket_(std::move(accepted)) {}
Wire::~Wire() = default;

void Wire::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

net::awaitable<bool> Wire::shake_hands(SSL_CTX* context) {
  auto tls = std::make_unique<Tls>(socket_, context);
  const auto [error] = co_await tls->stream.async_handshake(asio::ssl::stream_base::server, as_values);
  if (!error) tls_ = std::move(tls);
  if (was_plain_http(error)) {
    const asio::const_buffer words(kSpeakTls.data(), kSpeakTls.size());
    co_await asio::async_write(socket_, words, as_values);
  }
  co_return !error;
}

net::awaitable<std::size_t> Wire::read_some(asio::mutable_buffer room) {
  if (tls_) {
    const auto [error, size] = co_await tls_->stream.async_read_some(room, as_values);
    co_return error ? 0 : size;
  }
  const auto [error, size] = co_await socket_.async_read_some(room, as_values);
  co_return error ? 0 : size;
}

net::awaitable<bool> Wire::write(std::vector<asio::const_buffer> buffers) {
  if (tls_) {
    const auto [error, size] = co_await asio::async_write(tls_->stream, buffers, as_values);
    co_return !error;
  }
  const auto [error, size] = co_await asio::async_write(socket_, buffers, as_values);
  co_return !error;
}

net::awaitable<void> Wire::finish() {
  if (tls_) co_await tls_->stream.async_shutdown(as_values);
  boost::system::error_code ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
}

}  // namespace mxhealth::web
