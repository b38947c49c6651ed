#include "net/failover.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace mxhealth::net {
namespace {

constexpr unsigned kRounds = 2;
constexpr Duration kShortestAsk = std::chrono::milliseconds(50);  // the tick of a channel: less means nothing

// Which failure tells most, when every server failed in its own way.
constexpr unsigned telling(LookupEnd end) {
  switch (end) {
    case LookupEnd::cancelled: return 6;
    case LookupEnd::bogus:
    case LookupEnd::servfail: return 5;
    case LookupEnd::refused: return 4;
    case LookupEnd::malformed: return 3;
    case LookupEnd::timed_out: return 2;
    case LookupEnd::unreachable: return 1;
    case LookupEnd::records:
    case LookupEnd::no_data:
    case LookupEnd::nxdomain:
    case LookupEnd::rewritten: break;
  }
  return 0;
}

bool said_something(LookupEnd end) {
  return end == LookupEnd::servfail || end == LookupEnd::refused || end == LookupEnd::malformed;
}

}  // namespace

Failover::Failover(asio::io_context& io, const std::vector<Peer>& servers, Duration timeout) {
  const auto asks = static_cast<Duration::rep>(kRounds * std::max<std::size_t>(1, servers.size()));
  const Duration one = std::max(timeout / asks, kShortestAsk);
  for (const Peer& server : servers) servers_.push_back(std::make_unique<Upstream>(io, server, one));
}

// A resolver completes chains of CNAMEs; a server that is no resolver leaves the rest to us.
awaitable<dns::Answer> Failover::resolve(dns::Question question, std::shared_ptr<Patience> patience) {
  dns::Answer answer = co_await ask_servers(question, patience);
  while (answer.continues_at) {
    dns::Question next{*answer.continues_at, question.type};
    dns::Answer rest = co_await ask_servers(std::move(next), patience);
    answer = dns::join(answer, std::move(rest));
  }
  co_return answer;
}

awaitable<dns::Answer> Failover::ask_servers(dns::Question question, std::shared_ptr<Patience> patience) {
  const std::size_t first = preferred_;
  std::vector<bool> spoke(servers_.size());
  std::optional<std::size_t> failing;  // the first to say SERVFAIL
  dns::Answer failure;
  failure.end = LookupEnd::unreachable;
  for (unsigned round = 0; round < kRounds; ++round) {
    const auto manner = round == 0 ? Upstream::Manner::usual : Upstream::Manner::without_edns;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      const std::size_t at = (first + i) % servers_.size();
      if (spoke[at]) continue;
      dns::Answer answer = co_await servers_[at]->ask(question, manner, patience);
      if (is_answer(answer.end)) {
        preferred_ = at;
        co_return answer;
      }
      spoke[at] = said_something(answer.end);
      if (answer.end == LookupEnd::servfail && !failing) failing = at;
      if (telling(answer.end) > telling(failure.end)) failure.end = answer.end;
      if (patience->over()) co_return failure;
    }
  }
  if (failing) {
    Upstream& upstream = *servers_[*failing];
    const bool there = co_await is_there_unvalidated(upstream, std::move(question), patience);
    if (there) failure.end = LookupEnd::bogus;
  }
  co_return failure;
}

// A lost packet must not make a broken signature a broken server.
awaitable<bool> Failover::is_there_unvalidated(Upstream& upstream, dns::Question question,
                                               std::shared_ptr<Patience> patience) {
  for (unsigned round = 0; round < kRounds && !patience->over(); ++round) {
    const dns::Answer answer = co_await upstream.ask(question, Upstream::Manner::unvalidated, patience);
    if (is_answer(answer.end)) co_return true;
    if (said_something(answer.end)) break;
  }
  co_return false;
}

awaitable<std::vector<dns::Answer>> Failover::ask_each(dns::Question question, std::shared_ptr<Patience> patience) {
  std::vector<dns::Answer> answers;
  for (const auto& server : servers_) {
    dns::Answer answer = co_await server->ask(question, Upstream::Manner::usual, patience);
    answers.push_back(std::move(answer));
  }
  co_return answers;
}

std::vector<ResolverRecord> Failover::records() const {
  std::vector<ResolverRecord> records;
  for (const auto& server : servers_) records.push_back(server->record());
  return records;
}

}  // namespace mxhealth::net
