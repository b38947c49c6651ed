// Lists tested now, by the code that the exporter tests them with: each list, of each kind, through each resolver on
// its own, so that what one of them is refused shows. One round decides: a list that has just lost an answer is not
// well.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dnsbl/list_health.hpp"
#include "model/address.hpp"
#include "net/await.hpp"

namespace mxhealth::ctl {

struct ListTest {
  Peer resolver;
  ListKind kind = ListKind::ipv4;
  std::optional<dnsbl::Ailment> ailment;
  bool rewritten = false;  ///< the resolver makes addresses up, so nothing is known of the list

  bool healthy() const { return !ailment && !rewritten; }
  bool answered() const { return ailment != dnsbl::Ailment::no_answer; }
  std::string_view state() const;  ///< "healthy", an ailment's label, or "rewritten"
  std::string_view note() const;   ///< a sentence; empty when healthy
};

struct TestedList {
  dnsbl::List list;
  std::vector<ListTest> tests;  ///< by resolver, then by kind

  bool healthy() const;
};

struct TestSettings {
  std::vector<Peer> resolvers;
  Duration timeout;  ///< of one question
  Name control;      ///< see net::ResolverSettings
};

/// Runs `io` until all are tested.
std::vector<TestedList> test_lists(net::asio::io_context& io, const TestSettings&, std::vector<dnsbl::List> lists);

}  // namespace mxhealth::ctl
