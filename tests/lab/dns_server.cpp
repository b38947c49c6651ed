#include "lab/dns_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <stdexcept>

#include "lab/faults.hpp"

namespace mxhealth::lab {
namespace {

constexpr std::array<std::pair<std::string_view, Mood>, 8> kMoods{{{"answers", Mood::answers},
                                                                   {"silent", Mood::silent},
                                                                   {"refuses", Mood::refuses},
                                                                   {"servfails", Mood::servfails},
                                                                   {"formerr_on_edns", Mood::formerr_on_edns},
                                                                   {"udp_only", Mood::udp_only},
                                                                   {"rewrites", Mood::rewrites},
                                                                   {"gone", Mood::gone}}};
constexpr int kPortTries = 20;

}  // namespace

struct DnsServer::TcpClient {
  explicit TcpClient(TcpSocket connected) : socket(std::move(connected)) {}
  TcpSocket socket;
  std::array<unsigned char, 2> length{};
  Bytes message;
};

Mood parse_mood(std::string_view word) {
  for (const auto& [name, mood] : kMoods)
    if (name == word) return mood;
  throw std::invalid_argument("unknown mood of a resolver '" + std::string(word) + "'");
}

DnsServer::DnsServer(asio::io_context& io, const udp::endpoint& at, std::shared_ptr<DnsZone> zone, Mood mood)
    : io_(io), zone_(std::move(zone)), mood_(mood) {
  for (int tries = 1;; ++tries) {
    try {
      open(at);
      break;
    } catch (const boost::system::system_error&) {
      if (at.port() != 0 || tries == kPortTries) throw;
    }
  }
  if (mood_ == Mood::gone) {
    udp_.reset();
    tcp_.reset();
    return;
  }
  if (mood_ == Mood::udp_only) tcp_.reset();
  receive_next();
  if (tcp_) accept_next();
}

void DnsServer::open(const udp::endpoint& at) {
  udp_.emplace(io_, at);
  endpoint_ = udp_->local_endpoint();
  tcp_.emplace(listen_on(io_, tcp::endpoint(at.address(), endpoint_.port()), 64));
}

std::uint64_t DnsServer::seen(std::string_view name, std::string_view type) const {
  std::uint64_t count = 0;
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    const auto found = seen_.find(DnsSeen{canonical(name), type_of(type), transport});
    if (found != seen_.end()) count += found->second;
  }
  return count;
}

void DnsServer::receive_next() {
  const std::weak_ptr<DnsServer*> life = life_;
  udp_->async_receive_from(asio::buffer(buffer_), sender_, [this, life](const Error& error, std::size_t size) {
    if (life.expired()) return;
    if (!error) {
      if (auto reply = answer({buffer_.data(), size}, Transport::udp)) send_when_due(std::move(*reply), sender_);
    }
    receive_next();
  });
}

void DnsServer::send(const Bytes& reply, const udp::endpoint& to) {
  Error ignored;  // a full send buffer loses the datagram, as a network would
  udp_->send_to(asio::buffer(reply), to, 0, ignored);
}

void DnsServer::send_when_due(TimedReply reply, const udp::endpoint& to) {
  if (reply.delay.count() == 0) {
    send(reply.bytes, to);
    return;
  }
  const auto timer = std::make_shared<asio::steady_timer>(io_, reply.delay);
  timer->async_wait([this, life = std::weak_ptr(life_), timer, reply = std::move(reply), to](const Error& error) {
    if (!life.expired() && !error) send(reply.bytes, to);
  });
}

void DnsServer::accept_next() {
  const std::weak_ptr<DnsServer*> life = life_;
  tcp_->async_accept([this, life](const Error& error, TcpSocket socket) {
    if (life.expired()) return;
    if (!error) {
      auto client = std::make_shared<TcpClient>(std::move(socket));
      asio::co_spawn(io_.get_executor(), serve(std::move(client), life), asio::detached);
    }
    accept_next();
  });
}

awaitable<> DnsServer::serve(std::shared_ptr<TcpClient> client, std::weak_ptr<DnsServer*> self) {
  for (;;) {
    const auto [length_error, two] = co_await asio::async_read(client->socket, asio::buffer(client->length), as_values);
    if (length_error) co_return;
    client->message.resize(client->length[0] * 256U + client->length[1]);
    const auto [error, size] = co_await asio::async_read(client->socket, asio::buffer(client->message), as_values);
    const auto server = self.lock();
    if (error || !server) co_return;
    const auto reply = (*server)->answer(client->message, Transport::tcp);  // never late over TCP
    if (!reply) co_return;
    client->message.clear();
    put16(client->message, static_cast<std::uint16_t>(reply->bytes.size()));
    client->message += reply->bytes;
    const auto [write_error, sent] =
        co_await asio::async_write(client->socket, asio::buffer(client->message), as_values);
    if (write_error) co_return;
  }
}

/// What does not exist gets an address, and no data of another type.
static std::optional<TimedReply> made_up(const DnsQuestion& question, std::optional<TimedReply> honest) {
  constexpr char kRcode = 0x0f;
  if (!honest || honest->bytes.size() < 4 || (honest->bytes[3] & kRcode) != static_cast<char>(kNxDomain)) return honest;
  DnsReply reply;
  if (question.type == type_of("A"))
    reply.answers.push_back(
        {question.name, question.type, 60, wire_data(question.type, {std::string(kMadeUpAddress)})});
  return TimedReply{write_reply(question, reply)};
}

std::optional<TimedReply> DnsServer::answer(std::string_view message, Transport transport) {
  const auto question = read_question(message);
  if (!question) return std::nullopt;
  ++questions_;
  ++seen_[DnsSeen{question->name, question->type, transport}];
  DnsReply failure;
  switch (mood_) {
    case Mood::silent:
    case Mood::gone: return std::nullopt;
    case Mood::refuses: failure.rcode = kRefused; return TimedReply{write_reply(*question, failure)};
    case Mood::servfails: failure.rcode = kServFail; return TimedReply{write_reply(*question, failure)};
    case Mood::formerr_on_edns:
      if (!question->edns) break;
      failure.rcode = kFormErr;
      return TimedReply{write_reply(*question, failure)};
    case Mood::rewrites: return made_up(*question, zone_->timed_reply(*question, transport));
    case Mood::answers:
    case Mood::udp_only: break;
  }
  return zone_->timed_reply(*question, transport);
}

}  // namespace mxhealth::lab
