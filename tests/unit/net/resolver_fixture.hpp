// What the tests of the resolver share: scripts for a name server, and a lookup from start to end.
#pragma once

#include "net/dns_fixture.hpp"
#include "net/resolver.hpp"

namespace mxhealth::net::test {

using namespace std::chrono_literals;
using dns::test::mx_data;
using dns::test::soa_data;
using dns::test::wire_name;

inline const Name kName = *Name::parse("mail.example");

inline Replies with_mx(const Asked& asked) {
  return {asked.reply().answer(asked.name, Type::mx, 300, mx_data(10, "mx.example")).opt().octets()};
}
inline Script rcode(std::uint16_t value) {
  return [value](const Asked& asked) { return Replies{asked.reply(value).opt().octets()}; };
}
inline Replies silence(const Asked&) { return {}; }

class ResolverTest : public testing::Test {
 protected:
  ResolverSettings settings(std::vector<Peer> servers, Duration timeout = 4s) {
    ResolverSettings s;
    s.servers = std::move(servers);
    s.timeout = timeout;
    return s;
  }
  Lookup ask(Resolver& resolver, Type type = Type::mx) { return run(io, resolver.lookup(kName, type)); }
  LookupEnd end(std::vector<Peer> servers, Duration timeout = 4s) {
    Resolver resolver(io, settings(std::move(servers), timeout));
    const Lookup lookup = ask(resolver);
    EXPECT_EQ(lookup.answer->end, lookup.facts.end);
    return lookup.facts.end;
  }
  std::uint64_t failures(const Resolver& resolver, Cause cause, std::size_t server = 0) {
    const auto records = resolver.records();
    for (const auto& [which, count] : records.at(server).failures) {
      if (which == cause) return count;
    }
    ADD_FAILURE() << "no counter for " << label(cause);
    return 0;
  }

  asio::io_context io{1};
};

}  // namespace mxhealth::net::test
