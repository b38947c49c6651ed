#include "forecast/verdict.hpp"

#include <algorithm>
#include <map>

#include "forecast/guess.hpp"
#include "forecast/walk.hpp"

namespace mxhealth::forecast {
namespace {

bool is_local(const std::optional<CauseFound>& cause) { return cause && class_of(cause->cause) == CauseClass::local; }

// --- The cause that a verdict names

// The cause of the likeliest failure over all orders, the later on a tie.
std::optional<CauseFound> last_named(const std::vector<Tier>& tiers) {
  constexpr double kNoise = 1e-9;  // of sums: shares this near are equal
  std::map<Cause, double> shares;
  for (const Tier& tier : tiers)
    for (const Try& one : tier)
      if (one.outcome != Outcome::delivers && one.at->cause) shares[one.at->cause->cause] += one.decides + one.last;
  std::optional<CauseFound> likeliest;
  double most = kNoise;
  for (const Tier& tier : tiers) {
    for (const Try& one : tier) {
      if (one.outcome == Outcome::delivers || !one.at->cause) continue;
      const double share = shares[one.at->cause->cause];
      if (share >= most - kNoise) likeliest = one.at->cause, most = share;
    }
  }
  return likeliest;
}

// No host has an address: a failure that may pass outranks one that stays.
std::optional<CauseFound> why_no_address(const Route& route) {
  std::optional<CauseFound> why;
  for (const RouteHost& host : route.hosts) {
    if (!host.dns) continue;
    const bool soft = host.dns->enhanced_status.starts_with('4');
    if (!why || (soft && !why->enhanced_status.starts_with('4'))) why = host.dns;
  }
  return why;
}

// The first host or address of the best preference that is not ok, then a failed handshake that some order meets.
std::optional<CauseFound> first_blemish(const Route& route, const Walk& walk) {
  for (const RouteHost& host : route.hosts) {
    if (host.preference != route.hosts.front().preference) break;
    if (host.dns) return host.dns;
    for (const RouteAddress& address : host.addresses)
      if (address.standing != Standing::good) return address.cause;
  }
  for (const Tier& tier : walk.tiers)
    for (const Try& one : tier)
      if (one.at->standing == Standing::impaired) return one.at->cause;
  return std::nullopt;
}

// --- Verdicts

struct Found {
  Verdict verdict;
  std::optional<CauseFound> cause;
};

// TLS and authentication that fail for now are deferrals, too: class tls is never the sender's last word (4.7.x).
Verdict nothing_delivers(const std::vector<Tier>& tiers) {
  bool answered_5xx = false;
  for (const Tier& tier : tiers) {
    for (const Try& one : tier) {
      const auto& cause = one.at->cause;
      if (!cause) continue;
      const CauseClass what = class_of(cause->cause);
      const bool rejects = what == CauseClass::permfail || cause->cause == Cause::auth_rejected;
      answered_5xx = answered_5xx || rejects;
      if (what == CauseClass::tempfail || what == CauseClass::tls) return Verdict::tempfail;
      if (what == CauseClass::auth && !rejects) return Verdict::tempfail;
    }
  }
  return answered_5xx ? Verdict::rejecting : Verdict::unreachable;
}

Found judge_known(const Route& route) {
  const Walk walk = walk_of(route, kPostfixPatience, try_of);
  if (walk.tiers.empty()) return {Verdict::unreachable, walk.loop ? walk.loop : why_no_address(route)};
  const Prospect chances = prospect(walk);
  if (chances.every) {
    const auto blemish = first_blemish(route, walk);
    return {blemish ? Verdict::degraded : Verdict::ok, blemish};
  }
  if (chances.some) return {Verdict::at_risk, last_named(walk.tiers)};
  const auto ends_some = [](const Try& one) { return one.outcome == Outcome::ends && one.decides > 0; };
  const bool ends = std::ranges::any_of(walk.tiers, [&](const Tier& t) { return std::ranges::any_of(t, ends_some); });
  return {ends ? Verdict::rejecting : nothing_delivers(walk.tiers), last_named(walk.tiers)};
}

// A client uses the host it was told, and any address of it.
Found judge_known_submission(const Route& route) {
  Tier all;
  bool some_host = false;
  std::optional<CauseFound> blemish;
  for (const RouteHost& host : route.hosts) {
    if (host.dns && !blemish) blemish = host.dns;
    for (const RouteAddress& address : host.addresses) {
      all.push_back(try_of(address));
      all.back().last = 1;
      some_host = some_host || all.back().outcome == Outcome::delivers;
      if (address.standing != Standing::good && !blemish) blemish = address.cause;
    }
  }
  if (some_host) return {blemish ? Verdict::degraded : Verdict::ok, blemish};
  if (all.empty()) return {Verdict::unreachable, why_no_address(route)};
  return {nothing_delivers({all}), last_named({all})};
}

// --- Senders that keep to DANE or to an enforced MTA-STS policy pass by what others deliver to (RFC 7672 section 2.2,
// RFC 8461 section 5).

bool delivers(const RouteAddress& address) {
  return address.standing == Standing::good || address.standing == Standing::impaired;
}

// The cause by which they fail last, and the route as they meet it.
std::optional<CauseFound> enforce(Route& route) {
  std::optional<CauseFound> cause;
  for (RouteHost& host : route.hosts) {
    for (RouteAddress& address : host.addresses) {
      if (!address.enforced || !delivers(address)) continue;
      cause = address.cause = address.enforced;
      address.standing = Standing::failing;
      address.reply_code = 0;
    }
  }
  return cause;
}

std::optional<CauseFound> first_enforced_at_best(const Route& route) {
  for (const RouteHost& host : route.hosts) {
    if (host.preference != route.hosts.front().preference) break;
    for (const RouteAddress& address : host.addresses)
      if (address.enforced && delivers(address)) return address.enforced;
  }
  return std::nullopt;
}

// No order delivers for them: a risk. One address of the best preference: degraded.
Found as_enforced(Found found, const Route& route) {
  if (found.verdict != Verdict::ok && found.verdict != Verdict::degraded) return found;
  Route met = route;
  const auto cause = enforce(met);
  if (!cause) return found;
  if (!first_unknown(met).any && !prospect(walk_of(met, kPostfixPatience, try_of)).some)
    return {Verdict::at_risk, cause};
  if (found.verdict == Verdict::degraded) return found;
  if (auto best = first_enforced_at_best(route)) return {Verdict::degraded, std::move(best)};
  return found;
}

Found judge_by(const Route& route, Found (*judge_known_route)(const Route&)) {
  if (route.dns) {
    if (route.dns->cause == Cause::mx_null) return {Verdict::no_mail, route.dns};
    return {is_local(route.dns) ? Verdict::undetermined : Verdict::unreachable, route.dns};
  }
  if (route.hosts.empty()) return {Verdict::undetermined, std::nullopt};
  const Unknown unknown = first_unknown(route);
  if (!unknown.any) return judge_known_route(route);
  const auto all = guesses_for_verdict();
  const Found found = judge_known_route(as_if(route, all.front()));
  for (const Guess& guess : all)
    if (judge_known_route(as_if(route, guess)).verdict != found.verdict) return {Verdict::undetermined, unknown.cause};
  return found;
}

}  // namespace

Judgement judge(const Route& route) {
  Found found = as_enforced(judge_by(route, judge_known), route);
  std::optional<double> deferral;
  if (found.verdict != Verdict::undetermined) deferral = deferral_probability(route);
  return {found.verdict, std::move(found.cause), deferral, {}};
}

Judgement judge_submission(const Route& route) {
  Found found = judge_by(route, judge_known_submission);
  return {found.verdict, std::move(found.cause), {}, {}};
}

double deferral_probability(const Route& route) {
  if (route.dns) return route.dns->cause == Cause::mx_null ? 0 : 1;
  const Route known = as_if(route, guesses_for_verdict()[1]);
  return 1 - prospect(walk_of(known, kPostfixPatience, try_of)).share;
}

}  // namespace mxhealth::forecast
