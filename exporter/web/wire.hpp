// What a client's octets pass through: its socket, or TLS over it. Whoever waits here is woken by close(), with an
// error.
#pragma once

#include <openssl/types.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <vector>

#include "net/await.hpp"

namespace mxhealth::web {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, net::Executor>;

class Wire {
 public:
  explicit Wire(Socket accepted);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  Socket& socket() { return socket_; }
  bool is_open() const { return socket_.is_open(); }
  void close();

  /// False: the client did not, or is not let in. One that speaks plain HTTP is told so.
  net::awaitable<bool> shake_hands(SSL_CTX* context);

  /// How many octets came; 0: the client is gone or was cut.
  net::awaitable<std::size_t> read_some(asio::mutable_buffer room);
  /// Whether all of it was taken.
  net::awaitable<bool> write(std::vector<asio::const_buffer> buffers);
  /// No more from us. The client may still be sending.
  net::awaitable<void> finish();

 private:
  struct Tls;
  Socket socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace mxhealth::web
