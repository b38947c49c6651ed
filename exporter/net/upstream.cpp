#include "net/upstream.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <utility>
#include <variant>

namespace mxhealth::net {
namespace {

using End = RawReply::End;

struct FailureRow {
  LookupEnd end;
  Cause cause;
};
constexpr std::array<FailureRow, 5> kFailures{{
    {LookupEnd::timed_out, Cause::dns_timeout},
    {LookupEnd::servfail, Cause::dns_servfail},
    {LookupEnd::refused, Cause::dns_refused},
    {LookupEnd::malformed, Cause::dns_malformed},
    {LookupEnd::unreachable, Cause::resolver_unreachable},
}};

LookupEnd lookup_end(End end) {
  switch (end) {
    case End::timed_out: return LookupEnd::timed_out;
    case End::unreachable: return LookupEnd::unreachable;
    case End::cancelled: return LookupEnd::cancelled;
    case End::packet: break;
  }
  return LookupEnd::malformed;
}

// A TCP connection carries one question: some servers close behind the first answer, and c-ares then fails the others.
std::size_t most_asks(Transport transport) { return transport == Transport::tcp ? 1 : kMaxAsksPerPort; }

// Not a coroutine, and its lambda captures nothing: g++ 12 destroys such temporaries twice.
template <class Inquiry>
awaitable<RawReply> exchange(asio::io_context* io, Inquiry* inquiry, Channel* channel, Patience* patience) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(RawReply)>(
      [](auto handler, asio::io_context* loop, Inquiry* asked, Channel* over, Patience* waits) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto ask = std::make_shared<Ask>(*loop, [shared](RawReply reply) { (*shared)(std::move(reply)); });
        waits->wait_on(ask);
        over->ask(asked->question, std::move(ask), asked->validation);
      },
      use_awaitable, io, inquiry, channel, patience);
}

}  // namespace

void Patience::end(End why) {
  over_ = why;
  if (ask_) ask_->end(RawReply{why, 0, {}});
}

// What came back over one transport: a message, or else a failure.
struct Upstream::Heard {
  LookupEnd failure = LookupEnd::malformed;
  std::optional<dns::Message> message;
  bool lost_edns = false;  ///< the resolver does not know EDNS, and the channel is spoilt by it
};

Upstream::Upstream(asio::io_context& io, Peer server, Duration timeout) : io_(io), server_(server), timeout_(timeout) {
  record_.resolver = to_string(server);
  for (const FailureRow& row : kFailures) record_.failures.emplace_back(row.cause, 0);
}

awaitable<dns::Answer> Upstream::ask(dns::Question question, Manner manner, std::shared_ptr<Patience> patience) {
  const Mono begun = std::chrono::steady_clock::now();
  const Inquiry inquiry{question, manner == Manner::unvalidated ? Validation::disabled : Validation::wanted};
  const bool plain = manner == Manner::without_edns || begun < edns_from_;
  const Transport first = plain ? Transport::plain : Transport::edns;
  Heard heard = co_await hear(inquiry, first, patience);
  if (heard.lost_edns) edns_from_ = begun + kEdnsRetry;
  const bool refused_edns = heard.message && heard.message->rcode == dns::kFormatError;  // RFC 6891 section 7
  if (!plain && (refused_edns || (heard.lost_edns && !heard.message)))
    heard = co_await hear(inquiry, Transport::plain, patience);
  if (heard.message && heard.message->truncated) heard = co_await hear(inquiry, Transport::tcp, patience);

  dns::Answer answer;
  answer.end = heard.failure;
  if (heard.message && !heard.message->truncated) answer = dns::select(question, std::move(*heard.message));
  count(answer.end, manner, std::chrono::steady_clock::now() - begun);
  co_return answer;
}

awaitable<Upstream::Heard> Upstream::hear(Inquiry inquiry, Transport transport, std::shared_ptr<Patience> patience) {
  Heard heard;
  if (const auto over = patience->over()) {
    heard.failure = lookup_end(*over);
    co_return heard;
  }
  const ChannelPtr channel = channel_for(transport);
  const RawReply reply = co_await exchange(&io_, &inquiry, channel.get(), patience.get());
  heard.failure = lookup_end(reply.end);
  if (reply.end == End::packet) {
    dns::Parsed parsed = dns::parse(reply.packet, dns::Expected{reply.id, inquiry.question});
    if (auto* message = std::get_if<dns::Message>(&parsed)) heard.message = std::move(*message);
    const bool no_opt = !heard.message || !heard.message->has_opt;
    heard.lost_edns = transport == Transport::edns && no_opt && !channel->speaks_edns();
    if (heard.lost_edns && channels_[static_cast<std::size_t>(transport)] == channel) {
      retired_.push_back(std::move(channels_[static_cast<std::size_t>(transport)]));
    }
  }
  forget_idle();
  co_return heard;
}

Upstream::ChannelPtr Upstream::channel_for(Transport transport) {
  ChannelPtr& current = channels_[static_cast<std::size_t>(transport)];
  if (current && current->asked() >= most_asks(transport)) retired_.push_back(std::move(current));
  if (!current) current = std::make_shared<Channel>(io_, server_, transport, timeout_);
  return current;
}

void Upstream::forget_idle() {
  std::erase_if(retired_, [](const ChannelPtr& channel) { return channel->outstanding() == 0; });
}

void Upstream::count(LookupEnd end, Manner manner, Duration duration) {
  if (end == LookupEnd::cancelled) return;
  ++record_.lookups;
  const auto row = std::ranges::find(kFailures, end, &FailureRow::end);
  const bool counts = row != kFailures.end() && manner != Manner::unvalidated;
  if (counts) ++record_.failures[static_cast<std::size_t>(row - kFailures.begin())].second;
  if (end != LookupEnd::timed_out && end != LookupEnd::unreachable) record_.duration.observe(duration);
}

}  // namespace mxhealth::net
