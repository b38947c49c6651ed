#include "watch/role_watch.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/standing.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {
namespace {

constexpr Cause kLookupCauses[] = {Cause::dns_timeout,         Cause::dns_servfail,  Cause::dns_bogus,
                                   Cause::dns_refused,         Cause::dns_malformed, Cause::dns_nxdomain,
                                   Cause::resolver_unreachable};

bool are_all_among(const std::vector<Address>& some, const std::vector<Address>& others) {
  return !some.empty() &&
         std::ranges::all_of(some, [&](const Address& one) { return std::ranges::find(others, one) != others.end(); });
}

bool same_set(const MxFacts& a, const MxFacts& b) {
  return a.hosts == b.hosts && a.literals == b.literals && a.unusable_targets == b.unusable_targets &&
         a.null_mx == b.null_mx && a.implicit == b.implicit;
}

// Whatever the preferences. Without MX records the set is the domain itself; a null MX is no name that can be expected.
bool matches(const MxFacts& mx, const std::vector<Name>& expected) {
  if (mx.null_mx || mx.unusable_targets > 0) return false;
  std::set<std::string> found;
  for (const MxHost& host : mx.hosts) found.insert(host.name.str());
  for (const Address& literal : mx.literals) found.insert(literal.to_string());
  std::set<std::string> wanted;
  for (const Name& name : expected) wanted.insert(name.str());
  return found == wanted;
}

}  // namespace

RoleWatch::RoleWatch(DomainKey key, config::Walk walk) : walk_(std::move(walk)) {
  record_.key = std::move(key);
  if (!asks_mx()) return;
  record_.mx.emplace();
  for (const Cause cause : kLookupCauses) record_.mx->failures.emplace_back(cause, 0);
}

void RoleWatch::use(config::Walk walk, RoleSettings settings) {
  walk_ = std::move(walk);
  settings_ = std::move(settings);
  settings_.rules.from_mx_record = asks_mx();
  compare_with_expected();
  list_errands();
  errands_.forgive();
}

bool RoleWatch::take(MxFacts facts, Instant now, ResolverHealth resolver) {
  count_lookup(facts);
  const std::optional<MxFacts> before = mx_.good() != nullptr ? std::optional(*mx_.good()) : std::nullopt;
  const bool counts = mx_.take(std::move(facts), now.mono, settings_.hold, resolver);
  if (before && mx_.good() != nullptr && !same_set(*before, *mx_.good())) {
    ++record_.mx->set_changes;
    record_.mx->last_change = now.wall;
  }
  record_.mx->held = mx_.is_held();
  compare_with_expected();
  const std::vector<ServerName> followed = hosts();
  std::erase_if(hosts_, [&](const auto& host) { return !std::ranges::binary_search(followed, host.first); });
  std::erase_if(made_up_, [&](const auto& host) { return !std::ranges::binary_search(followed, host.first); });
  list_errands();
  return counts;
}

void RoleWatch::compare_with_expected() {
  if (!record_.mx) return;
  record_.mx->matches_expected.reset();
  if (!walk_.expected.empty() && mx_.good() != nullptr)
    record_.mx->matches_expected = matches(*mx_.good(), walk_.expected);
}

bool RoleWatch::take(const ServerName& host, HostFacts facts, Mono now, ResolverHealth resolver) {
  Held<HostFacts>& held = hosts_[host];
  made_up_[host] = facts.made_up;
  if (held.good() != nullptr && are_all_among(held.good()->addresses, facts.made_up)) held.forget_good();
  return held.take(std::move(facts), now, settings_.hold, resolver);
}

bool RoleWatch::is_made_up(const Wish& wish) const {
  const auto known = made_up_.find(wish.server);
  return known != made_up_.end() && are_all_among({wish.endpoint.peer.address}, known->second);
}

void RoleWatch::count_lookup(const MxFacts& facts) {
  ++record_.mx->lookups;
  if (mxhealth::is_answer(facts.lookup.end)) record_.mx->authenticated = facts.lookup.authenticated;
  if (facts.lookup.end == LookupEnd::records || facts.lookup.end == LookupEnd::no_data) return;
  const auto cause = diagnosis::cause_of(facts.lookup);
  for (auto& [counted, count] : record_.mx->failures)
    if (cause && counted == cause->cause) ++count;
}

std::vector<RoleWatch::Hop> RoleWatch::hops(const MxFacts* mx) const {
  std::vector<Hop> hops;
  if (!asks_mx()) {
    for (const ServerName& host : walk_.hosts) hops.push_back({0, host});
  } else if (mx != nullptr && (!mx->null_mx || record_.key.role == Role::mx)) {
    // Beside a null MX other hosts are probed, too: not every sender takes the one for the whole.
    for (const MxHost& host : mx->hosts) hops.push_back({host.preference, host.name});
  }
  if (hops.size() > kMaxServers) hops.resize(kMaxServers);
  return hops;
}

std::vector<ServerName> RoleWatch::hosts() const {
  std::vector<ServerName> names;
  for (Hop& hop : hops(mx_.good()))
    if (!asks_mx() || !diagnosis::never_dialled(hop.server)) names.push_back(std::move(hop.server));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void RoleWatch::list_errands() {
  std::vector<Hop> all = hops(mx_.good());
  std::ranges::stable_sort(all, {}, [](const Hop& hop) { return std::tie(hop.preference, hop.server); });
  std::vector<ServerName> servers;
  for (Hop& hop : all)
    if (!asks_mx() || !diagnosis::never_dialled(hop.server)) servers.push_back(std::move(hop.server));
  errands_.list(walk_.modules, servers, settings_.errands_apart);
}

std::vector<std::shared_ptr<Errand>> RoleWatch::errands_due(const EndpointKey& key,
                                                            const std::vector<ServerName>& names, Mono now) const {
  std::vector<std::shared_ptr<Errand>> all;
  for (const config::Module& module : walk_.modules) {
    if (endpoint_key(key.peer.address, module) != key) continue;
    for (auto& errand : errands_.due(module, now))
      if (std::ranges::binary_search(names, errand->spec().server) && is_at(errand->spec().server, key.peer.address))
        all.push_back(std::move(errand));
  }
  return all;
}

bool RoleWatch::is_at(const ServerName& server, const Address& address) const {
  const auto held = hosts_.find(server);
  if (held == hosts_.end() || held->second.good() == nullptr) return false;
  const auto& addresses = held->second.good()->addresses;
  return std::ranges::find(addresses, address) != addresses.end();
}

std::size_t RoleWatch::servers_dropped() const {
  const MxFacts* mx = mx_.good();
  return mx != nullptr && mx->hosts.size() > kMaxServers ? mx->hosts.size() - kMaxServers : 0;
}

RoleWatch::Wishes RoleWatch::wishes(const std::set<Wish>& current) const {
  Wishes wishes;
  for (const ServerName& server : hosts()) {
    const auto held = hosts_.find(server);
    if (held == hosts_.end() || held->second.good() == nullptr) continue;
    std::vector<Address> kept;
    for (const Wish& wish : current)
      if (wish.server == server) kept.push_back(wish.endpoint.peer.address);
    const Selected selected = select_addresses(*held->second.good(), kept, settings_.rules);
    wishes.addresses_dropped += selected.dropped;
    for (const Address& address : selected.dial)
      for (const config::Module& module : walk_.modules) wishes.all.insert({endpoint_key(address, module), server});
  }
  return wishes;
}

bool RoleWatch::judge(const FindEndpoint& find, ResolverHealth resolver, Wall now) {
  list_servers(find);
  std::optional<Judgement> judged = judgement(find, resolver);
  if (!judged) return false;
  const bool unsure = judged->verdict == Verdict::undetermined;
  if (unsure && resolver == ResolverHealth::well && pending(find)) return false;
  if (const auto is_reachable = reachable(judged->verdict); is_reachable || judged->verdict == Verdict::no_mail)
    record_.reachable = is_reachable;
  record_.deferral_probability = judged->deferral_probability;
  record_.forecasts = std::move(judged->forecasts);
  if (record_.verdict == judged->verdict && record_.cause == judged->cause) return false;
  if (record_.verdict != judged->verdict) record_.since = now;
  record_.verdict = judged->verdict;
  record_.cause = std::move(judged->cause);
  return true;
}

void RoleWatch::list_servers(const FindEndpoint& find) {
  record_.servers.clear();
  std::set<ServerName> servers_up;
  for (const Hop& hop : hops(mx_.good())) {
    bool up = false;
    for (const config::Module& module : walk_.modules) {
      record_.servers.push_back({{hop.server, module.port}, hop.preference});
      const auto held = hosts_.find(hop.server);
      if (held == hosts_.end() || held->second.good() == nullptr) continue;
      for (const Address& address : held->second.good()->addresses) {
        const Endpoint* endpoint = find(endpoint_key(address, module));
        const SessionRun* run = endpoint != nullptr ? endpoint->last_known(hop.server) : nullptr;
        up = up || (run != nullptr && diagnosis::answers(*run));
      }
    }
    if (up) servers_up.insert(hop.server);
  }
  record_.servers_up = static_cast<std::uint32_t>(servers_up.size());
}

void RoleWatch::count_cycle(Wall now) {
  if (!record_.verdict) return;
  record_.last_cycle = now;
  const auto is_reachable = reachable(*record_.verdict);
  if (!is_reachable) return;  // undetermined and no_mail cycles are in neither counter
  ++record_.cycles;
  if (*record_.verdict == Verdict::unreachable) ++record_.unreachable_cycles;
  if (*is_reachable) record_.last_success = now;
}

}  // namespace mxhealth::watch
