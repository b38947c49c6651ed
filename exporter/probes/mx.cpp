#include "probes/mx.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

// What Postfix's valid_hostname() and RFC 952 refuse beyond what a Name cannot hold: all digits, misplaced hyphens.
bool is_host_name(const Name& name) {
  const std::string_view text = name.view();
  const bool numeric = text.find_first_not_of("0123456789.") == std::string_view::npos;
  const bool hyphens = text.front() == '-' || text.back() == '-' || text.find(".-") != std::string_view::npos ||
                       text.find("-.") != std::string_view::npos;
  return !numeric && !hyphens;
}

void add_target(const dns::MxData& mx, MxFacts& facts) {
  if (mx.exchange == ".") {
    facts.null_preference = facts.null_mx ? std::min(facts.null_preference, mx.preference) : mx.preference;
    facts.null_mx = true;
    return;
  }
  if (const auto literal = Address::parse(mx.exchange)) {
    facts.literals.push_back(*literal);
    if (auto name = Name::parse(mx.exchange)) facts.hosts.push_back(MxHost{mx.preference, std::move(*name)});
    return;
  }
  auto name = Name::parse(mx.exchange);
  if (name && is_host_name(*name)) {
    facts.hosts.push_back(MxHost{mx.preference, std::move(*name)});
  } else {
    ++facts.unusable_targets;
  }
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

MxFacts mx_facts(const DomainName& domain, const net::Lookup& lookup) {
  MxFacts facts;
  facts.lookup = lookup.facts;
  if (lookup.facts.end == LookupEnd::no_data) {
    facts.implicit = true;
    facts.hosts.push_back(MxHost{0, domain});
  }
  for (const dns::Record& record : lookup.answer->records) {
    if (const auto* mx = std::get_if<dns::MxData>(&record.data)) add_target(*mx, facts);
  }
  sort_unique(facts.hosts);
  sort_unique(facts.literals);
  if (facts.hosts.size() > kMaxMxHosts) facts.hosts.resize(kMaxMxHosts);
  if (facts.literals.size() > kMaxMxHosts) facts.literals.resize(kMaxMxHosts);
  return facts;
}

net::awaitable<MxFacts> look_up_mx(net::Resolver& resolver, DomainName domain) {
  net::Lookup lookup = co_await resolver.lookup(domain, dns::Type::mx);
  co_return mx_facts(domain, lookup);
}

}  // namespace mxhealth::probes
