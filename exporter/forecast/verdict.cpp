#include "forecast/verdict.hpp"

#include <algorithm>
#include <string>

#include "forecast/walk.hpp"

namespace mxhealth::forecast {
namespace {

using Causes = std::vector<const CauseFound*>;

bool is_local(const std::optional<CauseFound>& cause) { return cause && class_of(cause->cause) == CauseClass::local; }

// --- What we could not know: the verdict stands only if it is the same whatever the unknown addresses would do.

struct Guess {
  Standing standing;
  Cause cause;
  std::string_view status;
};
constexpr Guess kGuesses[] = {
    {Standing::good, {}, {}},
    {Standing::failing, Cause::connect_timeout, "4.4.1"},
    {Standing::failing, Cause::banner_tempfail, "4.0.0"},
    {Standing::failing, Cause::ehlo_rejected, "5.0.0"},
};

RouteAddress guessed(const RouteAddress& address, const Guess& guess) {
  if (guess.standing == Standing::good) return {address.address, Standing::good, std::nullopt};
  return {address.address, guess.standing, CauseFound{guess.cause, std::string(guess.status), Side::unknown}};
}

// A host whose addresses our own resolver could not tell is one unknown address.
Route as_if(Route route, const Guess& guess) {
  for (RouteHost& host : route.hosts) {
    if (is_local(host.dns)) host.dns.reset(), host.addresses.emplace_back();
    for (RouteAddress& address : host.addresses)
      if (address.standing == Standing::unknown) address = guessed(address, guess);
  }
  return route;
}

// The first thing that we do not know, and why: {false} when we know all.
struct Unknown {
  bool any = false;
  std::optional<CauseFound> cause;
};
Unknown first_unknown(const Route& route) {
  for (const RouteHost& host : route.hosts) {
    if (is_local(host.dns)) return {true, host.dns};
    for (const RouteAddress& address : host.addresses)
      if (address.standing == Standing::unknown) return {true, address.cause};
  }
  return {};
}

// --- The cause that a verdict names

// Each try of a tier is as likely to be the last as another: the most frequent cause is the likeliest, the later on a
// tie.
std::optional<CauseFound> likeliest(const Tier& tier, Outcome outcome) {
  const Try* best = nullptr;
  std::ptrdiff_t best_count = 0;
  for (const Try& one : tier) {
    if (one.outcome != outcome || !one.cause) continue;
    const auto same = [&](const Try& other) { return other.cause && other.cause->cause == one.cause->cause; };
    const auto how_many = std::ranges::count_if(tier, same);
    if (how_many >= best_count) best = &one, best_count = how_many;
  }
  return best == nullptr ? std::nullopt : best->cause;
}

std::optional<CauseFound> last_named(const Walk& walk) {
  const Tier& tier = walk.tiers.back();
  const auto end = likeliest(tier, Outcome::ends);
  return end ? end : likeliest(tier, Outcome::moves_on);
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
      if (one.standing == Standing::impaired) return one.cause;
  return std::nullopt;
}

// --- Verdicts

// TLS and authentication that fail for now are deferrals, too: class tls is never the sender's last word (4.7.x).
Verdict nothing_delivers(const std::vector<Tier>& tiers) {
  bool answered_5xx = false;
  for (const Tier& tier : tiers) {
    for (const Try& one : tier) {
      if (!one.cause) continue;
      const CauseClass what = class_of(one.cause->cause);
      const bool rejects = what == CauseClass::permfail || one.cause->cause == Cause::auth_rejected;
      answered_5xx = answered_5xx || rejects;
      if (what == CauseClass::tempfail || what == CauseClass::tls) return Verdict::tempfail;
      if (what == CauseClass::auth && !rejects) return Verdict::tempfail;
    }
  }
  return answered_5xx ? Verdict::rejecting : Verdict::unreachable;
}

Judgement judge_known(const Route& route) {
  const Walk walk = walk_of(route, kHorizon);
  if (walk.tiers.empty()) return {Verdict::unreachable, walk.loop ? walk.loop : why_no_address(route)};
  const Prospect chances = prospect(walk);
  if (chances.every) {
    const auto blemish = first_blemish(route, walk);
    return {blemish ? Verdict::degraded : Verdict::ok, blemish};
  }
  if (chances.some) return {Verdict::at_risk, last_named(walk)};
  const bool ends = count(walk.tiers.back(), Outcome::ends) > 0;
  return {ends ? Verdict::rejecting : nothing_delivers(walk.tiers), last_named(walk)};
}

// A client uses the host it was told, and any address of it.
Judgement judge_known_submission(const Route& route) {
  Tier all;
  bool some_host = false;
  std::optional<CauseFound> blemish;
  for (const RouteHost& host : route.hosts) {
    if (host.dns && !blemish) blemish = host.dns;
    for (const RouteAddress& address : host.addresses) {
      all.push_back(try_of(address));
      some_host = some_host || all.back().outcome == Outcome::delivers;
      if (address.standing != Standing::good && !blemish) blemish = address.cause;
    }
  }
  if (some_host) return {blemish ? Verdict::degraded : Verdict::ok, blemish};
  if (all.empty()) return {Verdict::unreachable, why_no_address(route)};
  return {nothing_delivers({all}), last_named(Walk{{all}, 1, {}})};
}

Judgement judge_by(const Route& route, Judgement (*judge_known_route)(const Route&)) {
  if (route.dns) {
    if (route.dns->cause == Cause::mx_null) return {Verdict::no_mail, route.dns};
    return {is_local(route.dns) ? Verdict::undetermined : Verdict::unreachable, route.dns};
  }
  if (route.hosts.empty()) return {Verdict::undetermined, std::nullopt};
  const Unknown unknown = first_unknown(route);
  if (!unknown.any) return judge_known_route(route);
  const Judgement judgement = judge_known_route(as_if(route, kGuesses[0]));
  for (const Guess& guess : kGuesses)
    if (judge_known_route(as_if(route, guess)).verdict != judgement.verdict)
      return {Verdict::undetermined, unknown.cause};
  return judgement;
}

}  // namespace

Judgement judge(const Route& route) { return judge_by(route, judge_known); }

Judgement judge_submission(const Route& route) { return judge_by(route, judge_known_submission); }

double deferral_probability(const Route& route) {
  if (route.dns) return route.dns->cause == Cause::mx_null ? 0 : 1;
  return 1 - prospect(walk_of(as_if(route, kGuesses[1]), kHorizon)).share;
}

}  // namespace mxhealth::forecast
