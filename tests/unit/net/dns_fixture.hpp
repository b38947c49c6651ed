// A scripted name server on loopback, UDP and TCP on one port, in the loop of the test itself; and a way to run
// coroutines in that loop until they end. The script is one function from what came to what goes back.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/packet.hpp"
#include "model/address.hpp"
#include "net/await.hpp"

namespace mxhealth::net::test {

namespace asio = boost::asio;
using dns::Question;
using dns::Type;
using dns::test::Octets;
using dns::test::Packet;

/// One question as it arrived.
struct Asked {
  std::uint16_t id = 0;
  std::string name;
  Type type = Type::a;
  bool tcp = false;
  bool edns = false;
  bool checking_disabled = false;  // CD
  std::uint16_t port = 0;          // it came from
  Octets packet;

  Question question() const { return {name.empty() ? Name{} : *Name::parse(name), type}; }
  /// A response with the question in it; `rcode` may carry further flags.
  Packet reply(std::uint16_t rcode = 0) const {
    Packet packet_back(id, static_cast<std::uint16_t>(dns::test::kResponse | rcode));
    packet_back.question(question());
    return packet_back;
  }
};

using Replies = std::vector<Octets>;  // each a packet of its own
using Script = std::function<Replies(const Asked&)>;

inline Asked read_question(const Octets& packet) {
  Asked asked;
  asked.packet = packet;
  asked.id = static_cast<std::uint16_t>(packet[0] << 8 | packet[1]);
  asked.edns = packet[11] == 1;
  asked.checking_disabled = (packet[3] & 0x10) != 0;
  std::size_t at = 12;
  while (packet.at(at) != 0) {
    if (!asked.name.empty()) asked.name += '.';
    asked.name.append(packet.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                      packet.begin() + static_cast<std::ptrdiff_t>(at) + 1 + packet.at(at));
    at += packet[at] + 1U;
  }
  asked.type = static_cast<Type>(packet.at(at + 1) << 8 | packet.at(at + 2));
  return asked;
}

class DnsServer {
 public:
  enum class Tcp { open, closed };

  DnsServer(asio::io_context& io, Script script, Tcp tcp = Tcp::open) : script_(std::move(script)), udp_(io), tcp_(io) {
    const auto loopback = asio::ip::address_v4::loopback();
    for (;;) {  // until the port that UDP got is free for TCP, too
      udp_ = {io, asio::ip::udp::endpoint(loopback, 0)};
      boost::system::error_code error;
      const asio::ip::tcp::endpoint endpoint(loopback, udp_.local_endpoint().port());
      tcp_ = asio::ip::tcp::acceptor(io);
      tcp_.open(endpoint.protocol());
      tcp_.bind(endpoint, error);
      if (!error) break;
    }
    if (tcp == Tcp::open) {
      tcp_.listen();
      accept();
    }
    asio::socket_base::receive_buffer_size room(1 << 20);
    boost::system::error_code ignored;
    udp_.set_option(room, ignored);
    receive();
  }

  Peer peer() const {
    const std::array<std::uint8_t, 4> loopback{127, 0, 0, 1};
    return {Address::v4(loopback), udp_.local_endpoint().port()};
  }
  std::vector<Asked> asked;

 private:
  struct Connection {
    explicit Connection(asio::ip::tcp::socket s) : socket(std::move(s)) {}
    asio::ip::tcp::socket socket;
    std::array<std::uint8_t, 2> length{};
    Octets packet;
  };

  void receive() {
    udp_.async_receive_from(asio::buffer(buffer_), from_, [this](auto error, std::size_t size) {
      if (error) return;
      const Octets packet(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
      for (const Octets& reply : answer(packet, false, from_.port())) udp_.send_to(asio::buffer(reply), from_);
      receive();
    });
  }
  void accept() {
    tcp_.async_accept([this](auto error, asio::ip::tcp::socket socket) {
      if (error) return;
      serve(std::make_shared<Connection>(std::move(socket)));
      accept();
    });
  }
  void serve(std::shared_ptr<Connection> c) {
    asio::async_read(c->socket, asio::buffer(c->length), [this, c](auto error, std::size_t) {
      if (error) return;
      c->packet.resize(static_cast<std::size_t>(c->length[0] << 8 | c->length[1]));
      asio::async_read(c->socket, asio::buffer(c->packet), [this, c](auto cut, std::size_t) {
        if (cut) return;
        const Replies replies = answer(c->packet, true, c->socket.remote_endpoint().port());
        if (replies.empty()) return silent_.push_back(c);
        Octets wire;
        dns::test::put16(wire, replies[0].size());
        dns::test::put(wire, replies[0]);
        asio::write(c->socket, asio::buffer(wire));  // and closes: one answer per connection
      });
    });
  }
  Replies answer(const Octets& packet, bool tcp, std::uint16_t port) {
    asked.push_back(read_question(packet));
    asked.back().tcp = tcp;
    asked.back().port = port;
    const Asked copy = asked.back();
    return script_(copy);
  }

  Script script_;
  asio::ip::udp::socket udp_;
  asio::ip::tcp::acceptor tcp_;
  asio::ip::udp::endpoint from_;
  std::array<std::uint8_t, 4096> buffer_{};
  std::vector<std::shared_ptr<Connection>> silent_;
};

/// A loopback port that was free a moment ago: nobody listens on it.
/// freed.
inline Peer closed_port(asio::io_context& io) {
  asio::ip::udp::socket socket(io, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::array<std::uint8_t, 4> loopback{127, 0, 0, 1};
  return {Address::v4(loopback), socket.local_endpoint().port()};
}

/// Runs the loop until the coroutine has ended, at most `limit`.
template <class T>
T run(asio::io_context& io, awaitable<T> coroutine, std::chrono::seconds limit = std::chrono::seconds(20)) {
  std::optional<T> result;
  asio::co_spawn(io, std::move(coroutine), [&](std::exception_ptr failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result = std::move(value);
  });
  const auto end = std::chrono::steady_clock::now() + limit;
  io.restart();
  while (!result && io.run_one_until(end) > 0) {
  }
  if (!result) throw std::runtime_error("the coroutine did not end in time");
  return std::move(*result);
}

}  // namespace mxhealth::net::test
