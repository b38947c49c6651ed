// A scripted resolver: UDP and TCP on one address and port, answering from a zone in its own mood.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lab/await.hpp"
#include "lab/dns_zone.hpp"

namespace mxhealth::lab {

/// What a server does whatever the question.
enum class Mood : std::uint8_t { answers, silent, refuses, servfails, formerr_on_edns, udp_only, rewrites, gone };

/// What a server in the mood `rewrites` makes up for names that do not exist. Nobody listens there.
inline constexpr std::string_view kMadeUpAddress = "127.127.127.127";

/// Throws std::invalid_argument.
Mood parse_mood(std::string_view word);

class DnsServer {
 public:
  /// Port 0 is chosen by the kernel, the same for UDP and TCP. Throws boost::system::system_error.
  DnsServer(asio::io_context& io, const udp::endpoint& at, std::shared_ptr<DnsZone> zone, Mood mood);
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  const udp::endpoint& endpoint() const { return endpoint_; }
  void set_mood(Mood mood) { mood_ = mood; }

  /// How often a question came, by name (lower case), type and transport.
  const std::map<DnsSeen, std::uint64_t>& seen() const { return seen_; }
  std::uint64_t seen(std::string_view name, std::string_view type) const;
  std::uint64_t questions() const { return questions_; }

 private:
  struct TcpClient;

  void open(const udp::endpoint& at);
  void receive_next();
  void accept_next();
  static awaitable<> serve(std::shared_ptr<TcpClient> client, std::weak_ptr<DnsServer*> self);
  std::optional<TimedReply> answer(std::string_view message, Transport transport);
  void send_when_due(TimedReply reply, const udp::endpoint& to);
  void send(const Bytes& reply, const udp::endpoint& to);

  asio::io_context& io_;
  std::shared_ptr<DnsZone> zone_;
  Mood mood_;
  udp::endpoint endpoint_;
  std::optional<UdpSocket> udp_;
  std::optional<Acceptor> tcp_;
  udp::endpoint sender_;
  std::array<char, 4096> buffer_{};
  std::map<DnsSeen, std::uint64_t> seen_;
  std::uint64_t questions_ = 0;
  std::shared_ptr<DnsServer*> life_ = std::make_shared<DnsServer*>(this);
};

}  // namespace mxhealth::lab
