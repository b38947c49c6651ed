#include "probes/host.hpp"

#include <algorithm>
#include <utility>

#include "net/resolver.hpp"

namespace mxhealth::probes {

namespace {

// An address written as a host name (against RFC 5321 section 2.3.5) needs no lookup; Postfix delivers to it.
HostFacts literal_facts(const Address& address) {
  HostFacts facts;
  LookupFacts found;
  found.end = LookupEnd::records;
  (address.family() == Family::ipv4 ? facts.ipv4 : facts.ipv6) = found;
  facts.addresses.push_back(address);
  return facts;
}

}  // namespace

void add_addresses(HostFacts& facts, Family family, const net::Lookup& lookup) {
  (family == Family::ipv4 ? facts.ipv4 : facts.ipv6) = lookup.facts;
  if (lookup.facts.cname_hops > 0) facts.alias = true;
  auto& found = lookup.facts.end == LookupEnd::rewritten ? facts.made_up : facts.addresses;
  if (lookup.facts.cname_hops > 0 && !lookup.answer->records.empty())
    facts.canonical = Name::parse(lookup.answer->records.front().owner).value_or(Name{});
  for (const dns::Record& record : lookup.answer->records) {
    if (const auto* address = std::get_if<Address>(&record.data)) found.push_back(*address);
  }
  std::ranges::sort(facts.addresses);
  facts.addresses.erase(std::unique(facts.addresses.begin(), facts.addresses.end()), facts.addresses.end());
}

net::awaitable<HostFacts> look_up_host(net::Resolver& resolver, ServerName server, std::vector<Family> families) {
  if (const auto literal = Address::parse(server.view())) co_return literal_facts(*literal);
  std::vector<dns::Type> types;
  for (const Family family : families) types.push_back(family == Family::ipv4 ? dns::Type::a : dns::Type::aaaa);
  std::vector<net::Lookup> lookups = co_await resolver.lookup_all(std::move(server), std::move(types));
  HostFacts facts;
  for (std::size_t i = 0; i < lookups.size(); ++i) add_addresses(facts, families[i], lookups[i]);
  co_return facts;
}

}  // namespace mxhealth::probes
