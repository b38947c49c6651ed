#include "lab/faults.hpp"

namespace mxhealth::lab {
namespace {

// A backlog of 0 admits one finished connection; a second filler is for kernels that count otherwise.
constexpr int kFillers = 2;

}  // namespace

Acceptor listen_on(asio::io_context& io, const tcp::endpoint& at, int backlog) {
  Acceptor acceptor(io, at.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(at);
  acceptor.listen(backlog);
  return acceptor;
}

FullListener::FullListener(asio::io_context& io, const tcp::endpoint& at) : acceptor_(listen_on(io, at, 0)) {
  const tcp::endpoint bound = acceptor_.local_endpoint();
  for (int i = 0; i < kFillers; ++i) {
    TcpSocket& filler = fillers_.emplace_back(io, bound.protocol());
    filler.async_connect(bound, [](const Error&) {});  // the synchronous one would wait for the last of them
  }
}

void close_by_reset(TcpSocket& socket) {
  Error ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace mxhealth::lab
