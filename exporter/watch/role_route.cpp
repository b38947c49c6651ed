// What a role's facts, sessions and errands amount to: the route a sender would find now, and its judgement.
#include "watch/role_watch.hpp"

#include <algorithm>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/standing.hpp"
#include "forecast/forecast.hpp"
#include "forecast/verdict.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {
namespace {

// Which of two verdicts speaks for both: worst first.
constexpr Verdict kWorstFirst[] = {Verdict::unreachable, Verdict::rejecting, Verdict::tempfail, Verdict::undetermined,
                                   Verdict::at_risk,     Verdict::degraded,  Verdict::ok,       Verdict::no_mail};

bool is_worse(const Judgement& a, const Judgement& b) {
  return std::ranges::find(kWorstFirst, a.verdict) < std::ranges::find(kWorstFirst, b.verdict);
}

bool has_no_route(const SessionRun* run) { return run != nullptr && diagnosis::has_no_route(*run); }

}  // namespace

// The same addresses that are probed, also where the cap leaves some out.
Selected RoleWatch::select(const HostFacts& facts, const config::Module& module, const FindEndpoint& find) const {
  std::vector<Address> kept;
  for (const Address& address : facts.addresses)
    if (find(endpoint_key(address, module)) != nullptr) kept.push_back(address);
  return select_addresses(facts, kept, settings_.rules);
}

RouteHost RoleWatch::route_host(const MxFacts* mx, const Hop& hop, const config::Module& module,
                                const FindEndpoint& find, ResolverHealth resolver) const {
  RouteHost host{.preference = hop.preference, .server = hop.server, .dns = {}, .addresses = {}};
  if (asks_mx()) host.dns = diagnosis::never_dialled(hop.server);
  if (host.dns) return host;
  const auto held = hosts_.find(hop.server);
  const HostFacts* facts = nullptr;
  if (held != hosts_.end()) facts = resolver == ResolverHealth::well ? held->second.current() : held->second.good();
  if (facts == nullptr) {  // not looked up yet, or nothing held while our resolver is down: it might be anything
    host.addresses.push_back({});
    return host;
  }
  host.dns = mx != nullptr ? diagnosis::cause_of(*mx, *facts) : diagnosis::cause_of(*facts);
  const Selected selected = select(*facts, module, find);
  for (const Address& address : selected.refuse) host.addresses.push_back(diagnosis::not_dialled(address));
  for (const Address& address : selected.dial) {
    const Endpoint* endpoint = find(endpoint_key(address, module));
    if (endpoint != nullptr && has_no_route(endpoint->latest())) continue;  // a family this host does not have
    const SessionRun* run = endpoint != nullptr ? endpoint->confirmed(hop.server) : nullptr;
    const SessionRun* latest = endpoint != nullptr ? endpoint->latest() : nullptr;
    RouteAddress drawn = diagnosis::standing(address, run, module.tls, hop.server, latest);
    if (run == nullptr && endpoint != nullptr) drawn.cause = endpoint->unknown();
    const Errand* errand = errands_.find(module, hop.server);
    if (errand != nullptr) drawn = diagnosis::standing(std::move(drawn), errand->result(), errand->latest());
    if (run != nullptr) drawn.enforced = enforced(*endpoint, *run, hop.server, resolver);
    host.addresses.push_back(std::move(drawn));
  }
  return host;
}

Route RoleWatch::route(const MxFacts* mx, const std::vector<config::Module>& modules, const FindEndpoint& find,
                       ResolverHealth resolver) const {
  Route route;
  if (asks_mx() && mx != nullptr) route.dns = diagnosis::cause_of(*mx);
  for (const Hop& hop : hops(mx))
    for (const config::Module& module : modules) route.hosts.push_back(route_host(mx, hop, module, find, resolver));
  // A host of families that we have no route for is left out; where nothing else is left, nothing is known.
  const auto has_address = [](const RouteHost& host) { return !host.addresses.empty(); };
  const auto left_out =
      std::ranges::find_if(route.hosts, [](const RouteHost& host) { return !host.dns && host.addresses.empty(); });
  if (left_out != route.hosts.end() && std::ranges::none_of(route.hosts, has_address))
    left_out->addresses.push_back({});
  if (mx != nullptr && mx->null_mx && !route.hosts.empty()) {
    route.hosts.push_back({mx->null_preference, ServerName{}, route.dns, {}});
    std::ranges::stable_sort(route.hosts, {}, &RouteHost::preference);
  }
  return route;
}

std::optional<Judgement> RoleWatch::judgement(const FindEndpoint& find, ResolverHealth resolver) const {
  const MxFacts* mx = resolver == ResolverHealth::well ? mx_.current() : mx_.good();
  if (resolver != ResolverHealth::well && lacks_facts()) {
    if (resolver == ResolverHealth::unsure) return std::nullopt;
    return Judgement{Verdict::undetermined, diagnosis::found(Cause::resolver_unreachable), {}, {}};
  }
  if (asks_mx() && mx == nullptr) return std::nullopt;
  if (record_.key.role == Role::submission) return forecast::judge_submission(route(mx, walk_.modules, find, resolver));
  std::optional<Judgement> worst;
  for (const config::Module& module : walk_.modules) {
    const std::vector<config::Module> only{module};
    const Route taken = route(mx, only, find, resolver);
    Judgement judged = forecast::judge(taken);
    if (judged.verdict != Verdict::undetermined) judged.forecasts = forecast::forecasts(taken, settings_.senders);
    if (!worst || is_worse(judged, *worst)) worst = std::move(judged);
  }
  return worst;
}

// Nothing is held that could stand in for a lookup.
bool RoleWatch::lacks_facts() const {
  if (asks_mx() && mx_.good() == nullptr) return true;
  return std::ranges::any_of(hosts(), [&](const ServerName& server) {
    const auto held = hosts_.find(server);
    return held == hosts_.end() || held->second.good() == nullptr;
  });
}

// The first result of some host or address is still to come: until then the last verdict stands, if there is one.
bool RoleWatch::pending(const FindEndpoint& find) const {
  for (const ServerName& server : hosts()) {
    const auto held = hosts_.find(server);
    if (held == hosts_.end() || held->second.current() == nullptr) return true;
    if (held->second.good() == nullptr) continue;
    for (const config::Module& module : walk_.modules) {
      for (const Address& address : select(*held->second.good(), module, find).dial) {
        const Endpoint* endpoint = find(endpoint_key(address, module));
        if (endpoint == nullptr) return true;
        const SessionRun* run = endpoint->last_known(server);
        if (run == nullptr && !endpoint->unknown()) return true;
        const Errand* errand = errands_.find(module, server);
        const SessionRun* counts = endpoint->confirmed(server);
        if (errand == nullptr || errand->result() || counts == nullptr) continue;
        if (diagnosis::standing(address, counts, module.tls, server).standing == Standing::good) return true;
      }
    }
  }
  return false;
}

}  // namespace mxhealth::watch
