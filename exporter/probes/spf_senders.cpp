#include "probes/spf_senders.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>

#include "model/dns_facts.hpp"
#include "net/resolver.hpp"
#include "policy/spf_terms.hpp"
#include "probes/host.hpp"
#include "probes/mx.hpp"

namespace mxhealth::probes {
namespace {

using Kind = policy::SpfMechanism::Kind;

constexpr int kLeastBitsV4 = 24;
constexpr int kLeastBitsV6 = 120;

/// A host whose addresses may send, and how much around them.
struct HostTerm {
  DomainName host;
  int bits_v4;
  int bits_v6;
};

template <std::size_t N>
std::array<std::uint8_t, N> masked(std::span<const std::uint8_t> bytes, int bits) {
  std::array<std::uint8_t, N> kept{};
  for (std::size_t i = 0; i < N; ++i) {
    const int of_this = std::clamp(bits - static_cast<int>(8 * i), 0, 8);
    kept[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> static_cast<unsigned>(of_this)));
  }
  return kept;
}

class Walk {
 public:
  explicit Walk(net::Resolver& resolver) : resolver_(resolver) {}
  net::awaitable<SpfSenders> run(DomainName domain);

 private:
  net::awaitable<void> read(DomainName domain);
  net::awaitable<void> ask_mx(DomainName domain, int bits_v4, int bits_v6);
  net::awaitable<void> ask_host(HostTerm term);
  void add(const policy::SpfMechanism& mechanism, const DomainName& own);
  void add_network(const Address& address, int bits);
  void follow(const std::string& spec);

  net::Resolver& resolver_;
  SpfSenders found_;
  std::deque<DomainName> records_;
  std::set<DomainName> seen_;
  std::deque<HostTerm> hosts_;
  std::deque<HostTerm> exchanges_;  // whose MX hosts may send
  std::size_t hosts_asked_ = 0;
};

net::awaitable<SpfSenders> Walk::run(DomainName domain) {
  follow(domain.str());
  for (std::size_t i = 0; i < kMaxSpfRecords && !records_.empty(); ++i) {
    DomainName next = std::move(records_.front());
    records_.pop_front();
    co_await read(std::move(next));
  }
  while (!exchanges_.empty()) {
    HostTerm term = std::move(exchanges_.front());
    exchanges_.pop_front();
    co_await ask_mx(std::move(term.host), term.bits_v4, term.bits_v6);
  }
  while (!hosts_.empty()) {
    HostTerm term = std::move(hosts_.front());
    hosts_.pop_front();
    co_await ask_host(std::move(term));
  }
  co_return std::move(found_);
}

net::awaitable<void> Walk::read(DomainName domain) {
  DomainName asked = domain;
  const net::Lookup lookup = co_await resolver_.lookup(std::move(asked), dns::Type::txt);
  if (!is_answer(lookup.facts.end)) found_.complete = false;
  for (const dns::Record& record : lookup.answer->records) {
    const auto* text = std::get_if<dns::TextData>(&record.data);
    if (text == nullptr || !policy::is_spf(text->text)) continue;
    const auto parsed = policy::parse_spf(text->text);
    const auto* spf = std::get_if<policy::SpfRecord>(&parsed);
    if (spf == nullptr) continue;
    for (const policy::SpfMechanism& mechanism : spf->mechanisms) add(mechanism, domain);
    if (spf->redirect) follow(*spf->redirect);
  }
}

void Walk::add(const policy::SpfMechanism& mechanism, const DomainName& own) {
  if (mechanism.qualifier != policy::SpfQualifier::pass) return;
  const auto host = mechanism.domain.empty() ? own : Name::parse(mechanism.domain).value_or(Name{});
  const HostTerm term{host, mechanism.bits_v4, mechanism.bits_v6};
  switch (mechanism.kind) {
    case Kind::include: return follow(mechanism.domain);
    case Kind::ip4: return add_network(*mechanism.network, mechanism.bits_v4);
    case Kind::ip6: return add_network(*mechanism.network, mechanism.bits_v6);
    case Kind::a: return host.is_root() ? void() : hosts_.push_back(term);
    case Kind::mx: return host.is_root() ? void() : exchanges_.push_back(term);
    case Kind::all:
    case Kind::ptr:
    case Kind::exists: return;
  }
}

// A name with macros is no name, and leads nowhere here.
void Walk::follow(const std::string& spec) {
  const auto name = Name::parse(spec);
  if (name && !name->is_root() && seen_.insert(*name).second) records_.push_back(*name);
}

net::awaitable<void> Walk::ask_mx(DomainName domain, int bits_v4, int bits_v6) {
  if (hosts_asked_ >= kMaxSpfHosts) co_return;
  const MxFacts facts = co_await look_up_mx(resolver_, std::move(domain));
  if (!is_answer(facts.lookup.end)) found_.complete = false;
  if (facts.implicit) co_return;  // RFC 7208 section 5.4: `mx` knows no implicit MX
  for (const MxHost& host : facts.hosts) hosts_.push_back({host.name, bits_v4, bits_v6});
}

net::awaitable<void> Walk::ask_host(HostTerm term) {
  if (hosts_asked_++ >= kMaxSpfHosts) co_return;
  std::vector<Family> both{Family::ipv4, Family::ipv6};
  const HostFacts facts = co_await look_up_host(resolver_, std::move(term.host), std::move(both));
  const auto failed = [](const std::optional<LookupFacts>& f) { return f && !is_answer(f->end); };
  if (failed(facts.ipv4) || failed(facts.ipv6)) found_.complete = false;
  for (const Address& address : facts.addresses)
    add_network(address, address.family() == Family::ipv4 ? term.bits_v4 : term.bits_v6);
}

void Walk::add_network(const Address& address, int bits) {
  const bool v4 = address.family() == Family::ipv4;
  if (bits < (v4 ? kLeastBitsV4 : kLeastBitsV6)) {
    ++found_.too_wide;
    return;
  }
  const config::Network network{
      v4 ? Address::v4(masked<4>(address.bytes(), bits)) : Address::v6(masked<16>(address.bytes(), bits)), bits};
  if (found_.networks.size() < kMaxSpfNetworks && std::ranges::find(found_.networks, network) == found_.networks.end())
    found_.networks.push_back(network);
}

}  // namespace

net::awaitable<SpfSenders> look_up_spf_senders(net::Resolver& resolver, DomainName domain) {
  Walk walk(resolver);
  co_return co_await walk.run(std::move(domain));
}

}  // namespace mxhealth::probes
