#include "probes/tlsa.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

std::optional<Name> tlsa_name(const Name& base, std::uint16_t port) {
  return Name::parse("_" + std::to_string(port) + "._tcp." + base.str());
}

// A host whose name leaves no room for two labels more has no such records.
net::awaitable<TlsaFacts> ask(net::Resolver& resolver, Name base, std::uint16_t port) {
  const std::optional<Name> name = tlsa_name(base, port);
  if (!name) co_return TlsaFacts{.secure_host = true, .base = std::move(base)};
  const net::Lookup lookup = co_await resolver.lookup(*name, dns::Type::tlsa);
  co_return tlsa_facts(std::move(base), lookup);
}

}  // namespace

bool is_secure(const HostFacts& host) {
  bool some = false;
  for (const auto& family : {host.ipv4, host.ipv6}) {
    if (!family || family->end != LookupEnd::records) continue;
    if (!family->authenticated) return false;
    some = true;
  }
  return some;
}

TlsaFacts tlsa_facts(Name base, const net::Lookup& lookup) {
  TlsaFacts facts{.secure_host = true,
                  .end = lookup.facts.end,
                  .authenticated = lookup.facts.authenticated,
                  .base = std::move(base),
                  .records = {}};
  for (const dns::Record& record : lookup.answer->records)
    if (const auto* tlsa = std::get_if<dns::TlsaData>(&record.data))
      facts.records.push_back({tlsa->usage, tlsa->selector, tlsa->matching_type, tlsa->association});
  std::ranges::sort(facts.records);
  facts.records.erase(std::unique(facts.records.begin(), facts.records.end()), facts.records.end());
  if (facts.records.size() > kMaxTlsa) facts.records.resize(kMaxTlsa);
  return facts;
}

net::awaitable<TlsaFacts> look_up_tlsa(net::Resolver& resolver, ServerName server, std::uint16_t port, HostFacts host) {
  if (Address::parse(server.view())) co_return TlsaFacts{};
  const bool alias = !host.canonical.is_root() && host.canonical != server;
  if (!is_secure(host)) {
    // The alias itself may be signed though what it leads to is not: its own name is the base domain then.
    if (!alias) co_return TlsaFacts{};
    const net::Lookup own = co_await resolver.lookup(server, dns::Type::cname);
    // Not known to be unsigned: who could break this lookup could turn DANE off (RFC 7672 sections 2.1.3 and 2.2.2).
    if (!is_answer(own.facts.end)) co_return tlsa_facts(std::move(server), own);
    if (!own.facts.authenticated) co_return TlsaFacts{};
  } else if (alias) {
    TlsaFacts expanded = co_await ask(resolver, host.canonical, port);
    if (has_records(expanded) || !is_answer(expanded.end)) co_return expanded;
  }
  co_return co_await ask(resolver, std::move(server), port);
}

}  // namespace mxhealth::probes
