#include "ctl/list_tests.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>

#include "net/resolver.hpp"
#include "probes/list_test.hpp"

namespace mxhealth::ctl {
namespace {

using Kind = dnsbl::Reading::Kind;

void judge(ListTest& test, const dnsbl::TestRound& round) {
  test.rewritten = round.listed == Kind::cancelled || round.clean == Kind::cancelled || round.absent == Kind::cancelled;
  dnsbl::ListHealth health;
  if (!test.rewritten) health.take(round, Mono{}, Duration::zero());
  test.ailment = test.rewritten ? std::nullopt : health.ailment();
}

net::awaitable<void> run(net::Resolver& resolver, const dnsbl::List& list, ListTest& test) {
  const dnsbl::TestRound round = co_await probes::test_list(resolver, list, test.kind);
  judge(test, round);
}

}  // namespace

std::string_view ListTest::state() const {
  if (rewritten) return "rewritten";
  return ailment ? dnsbl::label(*ailment) : "healthy";
}

std::string_view ListTest::note() const {
  if (rewritten) return "The resolver makes addresses up for names that do not exist.";
  return ailment ? dnsbl::sentence(*ailment) : "";
}

bool TestedList::healthy() const { return std::ranges::all_of(tests, &ListTest::healthy); }

std::vector<TestedList> test_lists(net::asio::io_context& io, const TestSettings& settings,
                                   std::vector<dnsbl::List> lists) {
  std::vector<TestedList> tested;
  for (dnsbl::List& list : lists) {
    TestedList& one = tested.emplace_back(TestedList{std::move(list), {}});
    for (const Peer& resolver : settings.resolvers)
      for (const ListKind kind : one.list.kinds) one.tests.push_back({resolver, kind, {}, false});
  }
  std::size_t left = 0;
  std::exception_ptr bug;
  const auto ended = [&](const std::exception_ptr& thrown) {
    --left;
    if (thrown) bug = thrown;
  };
  std::vector<std::unique_ptr<net::Resolver>> resolvers;
  for (const Peer& peer : settings.resolvers) {
    net::ResolverSettings alone{
        .servers = {peer}, .timeout = settings.timeout, .cache = {}, .control = settings.control};
    net::Resolver& resolver = *resolvers.emplace_back(std::make_unique<net::Resolver>(io, std::move(alone)));
    for (TestedList& one : tested)
      for (ListTest& test : one.tests) {
        if (test.resolver != peer) continue;
        ++left;
        net::asio::co_spawn(io.get_executor(), run(resolver, one.list, test), ended);
      }
  }
  io.restart();
  while (left > 0 && io.run_one() > 0) {
  }
  if (bug) std::rethrow_exception(bug);
  return tested;
}

}  // namespace mxhealth::ctl
