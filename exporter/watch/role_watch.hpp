// One role of one target: its latest DNS facts, the route they draw, the judgement and the SLI counters.
// Told what lookups brought and when endpoints changed; starts nothing itself. Pure but for reading endpoints.
// role_route.cpp draws the route and judges it, role_transport.cpp is about DANE and MTA-STS, role_watch.cpp does the
// rest.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "model/record.hpp"
#include "model/route.hpp"
#include "watch/errand_book.hpp"
#include "watch/held.hpp"
#include "watch/roster.hpp"
#include "watch/transport.hpp"

namespace mxhealth::watch {

class Endpoint;

/// Null where there is no such endpoint.
using FindEndpoint = std::function<const Endpoint*(const EndpointKey&)>;

struct RoleSettings {
  HoldSettings hold;
  AddressRules rules;
  std::vector<Sender> senders{Sender::postfix};  ///< whose conduct is forecast
  Duration errands_apart = kErrandsApart;
};

class RoleWatch {
 public:
  static constexpr std::size_t kMaxServers = 32;  // MX hosts followed of one domain

  RoleWatch(DomainKey key, config::Walk walk);
  void use(config::Walk walk, RoleSettings settings);

  const config::Walk& walk() const { return walk_; }
  bool asks_mx() const { return walk_.source == config::HostSource::mx_records; }

  /// False: a failure that does not count yet; ask again soon.
  bool take(MxFacts facts, Instant now, ResolverHealth resolver = ResolverHealth::well);
  bool take(const ServerName& host, HostFacts facts, Mono now, ResolverHealth resolver = ResolverHealth::well);
  /// The same for TLSA records, of those servers and ports that they are asked for.
  bool take(const ServerKey& server, TlsaFacts facts, Mono now, ResolverHealth resolver = ResolverHealth::well);
  std::vector<TlsaQuestion> tlsa_questions() const;
  void keep_tlsa_of(const std::vector<TlsaQuestion>& asked);
  /// The MTA-STS policy that senders hold; none: there is none.
  void take(std::optional<MtaSts> policy);
  std::map<ServerKey, Transport> transports() const;
  std::vector<ServerName> hosts() const;  ///< to look up and to probe: of the last good set
  std::size_t servers_dropped() const;    ///< beyond kMaxServers

  /// The sessions that the last good facts ask for; `current`: those asked for until now.
  struct Wishes {
    std::set<Wish> all;
    std::size_t addresses_dropped = 0;  ///< beyond limits.addresses_per_server
  };
  Wishes wishes(const std::set<Wish>& current) const;
  /// What a session there, on behalf of `names` (sorted), could do for us behind EHLO.
  std::vector<std::shared_ptr<Errand>> errands_due(const EndpointKey& key, const std::vector<ServerName>& names,
                                                   Mono now) const;
  bool may_dial(const Address& address) const { return watch::may_dial(address, settings_.rules); }

  bool is_made_up(const Wish& wish) const;  ///< our resolver made up its address: not to be dialled any more

  /// True: verdict or cause changed. Unless the resolver is well, held facts count; without any the verdict is
  /// undetermined when it is down, and stays as it is while we are unsure.
  bool judge(const FindEndpoint& find, ResolverHealth resolver, Wall now);
  void count_cycle(Wall now);

  const DomainRecord& record() const { return record_; }
  DomainRecord& record() { return record_; }

 private:
  struct Hop {
    std::uint16_t preference;
    ServerName server;
  };
  std::vector<Hop> hops(const MxFacts* mx) const;
  std::optional<Judgement> judgement(const FindEndpoint& find, ResolverHealth resolver) const;
  Route route(const MxFacts* mx, const std::vector<config::Module>& modules, const FindEndpoint& find,
              ResolverHealth resolver) const;
  RouteHost route_host(const MxFacts* mx, const Hop& hop, const config::Module& module, const FindEndpoint& find,
                       ResolverHealth resolver) const;
  Selected select(const HostFacts& facts, const config::Module& module, const FindEndpoint& find) const;
  bool pending(const FindEndpoint& find) const;
  bool enforces_sts() const;
  std::vector<Name> reference_names(const ServerName& server, const TlsaFacts& tlsa) const;
  std::optional<CauseFound> enforced(const Endpoint& endpoint, const SessionRun& run, const ServerName& server,
                                     ResolverHealth resolver) const;
  bool lacks_facts() const;
  void list_servers(const FindEndpoint& find);
  void count_lookup(const MxFacts& facts);
  void compare_with_expected();
  void list_errands();
  bool is_at(const ServerName& server, const Address& address) const;

  config::Walk walk_;
  RoleSettings settings_;
  Held<MxFacts> mx_;
  std::map<ServerName, Held<HostFacts>> hosts_;
  std::map<ServerName, std::vector<Address>> made_up_;  // by our resolver, at the latest lookup
  std::map<ServerKey, Held<TlsaFacts>> tlsa_;
  std::optional<MtaSts> mta_sts_;
  ErrandBook errands_;
  DomainRecord record_;
};

}  // namespace mxhealth::watch
