#include "bench/bare_client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace mxhealth::bench {
namespace {

using net::as_values;
using net::awaitable;
using tcp = net::asio::ip::tcp;
using Socket = net::asio::basic_stream_socket<tcp, net::Executor>;

bool is_whole_reply(std::string_view text) {
  if (!text.ends_with("\r\n")) return false;
  const auto before = text.rfind('\n', text.size() - 3);
  const std::string_view last = text.substr(before == std::string_view::npos ? 0 : before + 1);
  return last.size() > 3 && last[3] == ' ';
}

template <class Stream>
awaitable<std::string> read_reply(Stream& stream) {
  std::string text;
  std::array<char, 1024> buffer;
  while (!is_whole_reply(text)) {
    const auto into = net::asio::buffer(buffer);
    const auto [error, size] = co_await stream.async_read_some(into, as_values);
    if (error) co_return std::string();
    text.append(buffer.data(), size);
  }
  co_return text;
}

template <class Stream>
awaitable<bool> ask(Stream& stream, std::string line) {
  const auto from = net::asio::buffer(line);
  const auto [error, size] = co_await net::asio::async_write(stream, from, as_values);
  if (error) co_return false;
  const std::string reply = co_await read_reply(stream);
  co_return reply.starts_with('2');
}

constexpr const char* kEhlo = "EHLO probe.example.net\r\n";
constexpr const char* kQuit = "QUIT\r\n";

awaitable<bool> talk_in_tls(Socket& socket, net::asio::ssl::context& tls) {
  net::asio::ssl::stream<Socket&> stream(socket, tls);
  const auto side = net::asio::ssl::stream_base::client;
  const auto [error] = co_await stream.async_handshake(side, as_values);
  if (error) co_return false;
  const bool greeted = co_await ask(stream, kEhlo);
  if (!greeted) co_return false;
  co_return co_await ask(stream, kQuit);
}

}  // namespace

awaitable<BareRun> bare_probe(net::asio::io_context& io, Peer peer, net::asio::ssl::context* tls) {
  BareRun run;
  Socket socket(io.get_executor());
  net::asio::ip::address_v4::bytes_type octets{};
  std::ranges::copy(peer.address.bytes(), octets.begin());
  const tcp::endpoint at(net::asio::ip::address_v4(octets), peer.port);
  run.begun = std::chrono::system_clock::now();
  const auto [error] = co_await socket.async_connect(at, as_values);
  const auto connected = std::chrono::system_clock::now();
  if (error) co_return run;
  run.greeting = co_await read_reply(socket);
  run.banner = std::chrono::system_clock::now() - connected;
  if (run.greeting.empty()) co_return run;
  bool good = co_await ask(socket, kEhlo);
  if (!good) co_return run;
  if (tls == nullptr) {
    run.complete = co_await ask(socket, kQuit);
  } else {
    good = co_await ask(socket, "STARTTLS\r\n");
    if (good) run.complete = co_await talk_in_tls(socket, *tls);
  }
  co_return run;
}

}  // namespace mxhealth::bench
