// An engine on a loop of its own with a resolver that knows what the test tells it, and what publishing would show of
// it.
#pragma once

#include "net/dns_fixture.hpp"
#include "watch/engine.hpp"
#include "watch/fixture.hpp"

namespace mxhealth::watch {

using dns::test::mx_data;
using dns::test::soa_data;
using net::test::Asked;
using net::test::Replies;

inline const DomainName kOther = name("other.example");

/// Names and addresses, as a resolver tells them.
struct Zone {
  std::map<std::string, std::vector<std::pair<std::uint16_t, std::string>>> mx;
  std::map<std::string, std::vector<Address>> a{};
  std::map<std::string, std::vector<Address>> aaaa{};
  bool silent = false;

  Replies operator()(const Asked& asked) const {
    if (silent) return {};
    const auto hosts = mx.find(asked.name);
    const auto addresses = a.find(asked.name);
    const auto wide = aaaa.find(asked.name);
    if (hosts == mx.end() && addresses == a.end() && wide == aaaa.end() && !asked.name.empty())
      return {asked.reply(3).authority(asked.name, dns::Type::soa, 1, soa_data("ns.example", 1)).opt().octets()};
    auto packet = asked.reply();
    bool some = false;
    if (asked.type == dns::Type::mx && hosts != mx.end())
      for (const auto& [preference, host] : hosts->second)
        packet.answer(asked.name, asked.type, 1, mx_data(preference, host)), some = true;
    if (asked.type == dns::Type::a && addresses != a.end())
      for (const Address& one : addresses->second)
        packet.answer(asked.name, asked.type, 1, {one.bytes().begin(), one.bytes().end()}), some = true;
    if (asked.type == dns::Type::aaaa && wide != aaaa.end())
      for (const Address& one : wide->second)
        packet.answer(asked.name, asked.type, 1, {one.bytes().begin(), one.bytes().end()}), some = true;
    if (!some) packet.authority("example", dns::Type::soa, 1, soa_data("ns.example", 1));
    return {packet.opt().octets()};
  }
};

/// What publishing would show.
struct Shown {
  std::map<DomainKey, std::shared_ptr<const DomainRecord>> domains;
  std::map<ServerKey, std::shared_ptr<const ServerRecord>> servers;
  std::map<AddressKey, std::shared_ptr<const AddressRecord>> addresses;
  std::map<std::string, std::shared_ptr<const ResolverRecord>> resolvers;
  std::map<EgressKey, std::shared_ptr<const EgressRecord>> egress;
  std::optional<bool> ready;

  void apply(const Feed& feed) {  // in the mirror's order
    for (const Record& record : feed.changed) {
      if (const auto* d = std::get_if<0>(&record)) domains[(*d)->key] = *d;
      if (const auto* s = std::get_if<1>(&record)) servers[(*s)->key] = *s;
      if (const auto* one = std::get_if<2>(&record)) addresses[(*one)->key] = *one;
      if (const auto* r = std::get_if<3>(&record)) resolvers[(*r)->resolver] = *r;
      if (const auto* e = std::get_if<4>(&record)) egress[(*e)->key] = *e;
    }
    for (const RecordKey& key : feed.gone) {
      if (const auto* d = std::get_if<0>(&key)) domains.erase(*d);
      if (const auto* s = std::get_if<1>(&key)) servers.erase(*s);
      if (const auto* one = std::get_if<2>(&key)) addresses.erase(*one);
      if (const auto* r = std::get_if<3>(&key)) resolvers.erase(*r);
      if (const auto* e = std::get_if<4>(&key)) egress.erase(*e);
    }
    if (feed.ready) ready = feed.ready;
  }
};

class EngineTest : public WatchTest {
 protected:
  EngineTest() {
    config.resolvers = {server.peer()};
    config.global.interval = 300ms;
  }
  config::Target target(const DomainName& domain, std::uint16_t port, Duration interval = 300ms) const {
    config::Target made;
    made.name = domain;
    made.interval = interval;
    made.walks = {{.role = Role::mx,
                   .source = config::HostSource::mx_records,
                   .hosts = {},
                   .modules = {{.name = "mx", .role = Role::mx, .port = port, .tls = TlsPolicy::opportunistic}}}};
    return made;
  }
  config::Target with_submission(config::Target made, const ServerName& host, std::uint16_t port) const {
    made.walks.push_back(
        {.role = Role::submission,
         .source = config::HostSource::named_hosts,
         .hosts = {host},
         .modules = {{.name = "s", .role = Role::submission, .port = port, .tls = TlsPolicy::opportunistic}}});
    return made;
  }
  void use(std::vector<config::Target> targets) {
    config.targets = std::move(targets);
    engine->use(generation(), 50);
  }
  std::optional<Verdict> verdict(const DomainName& domain, Role role = Role::mx) const {
    const auto found = shown.domains.find({domain, role});
    return found == shown.domains.end() ? std::nullopt : found->second->verdict;
  }
  bool reaches(const DomainName& domain, Verdict wanted) {
    return run_until(io, [&] { return verdict(domain) == wanted; });
  }
  bool drains(Duration limit = 5s) {
    bool done = false;
    engine->drain([&] { done = true; });
    return run_until(
        io, [&] { return done; }, limit);
  }

  Zone zone;
  std::function<void(const Asked&)> rebind;  // before each answer
  net::test::DnsServer server{io, [this](const Asked& asked) {
                                if (rebind) rebind(asked);
                                return zone(asked);
                              }};
  metrics::Own own{{}};
  Shown shown;
  std::unique_ptr<Engine> engine = std::make_unique<Engine>(loop, own, [this](const Feed& feed) { shown.apply(feed); });
};

}  // namespace mxhealth::watch
