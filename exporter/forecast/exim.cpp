// Exim 4.96 with default settings, self = fail, and a new message. It tries five addresses; from the fifth on it skips
// to the next preference, one address of each, fifty in all (hosts_max_try, hosts_max_try_hardlimit). Where an
// opportunistic handshake fails it tries the same address in clear text at once. A 5xx to greeting or HELO moves on; it
// bounces where the host is the last of the list, tried or not, with an address or without. An MX that is an IP
// literal has no address. A null MX beside others is a host without address. One host's addresses are tried together,
// IPv6 before IPv4 among equal preferences.
#include <algorithm>
#include <limits>

#include "forecast/sender.hpp"
#include "forecast/walk.hpp"

namespace mxhealth::forecast {
namespace {

constexpr unsigned kMaxTry = 5;
constexpr unsigned kHardLimit = 50;

Try exim_try(const RouteAddress& address) {
  Try one{.at = &address, .outcome = Outcome::delivers};
  if (address.standing != Standing::failing) return one;
  const bool ends = address.cause && (address.cause->cause == Cause::sender_rejected ||
                                      address.cause->cause == Cause::recipient_rejected);
  one.outcome = ends ? Outcome::ends : Outcome::moves_on;
  return one;
}

bool refuses_all(const RouteAddress& address) {
  return address.cause &&
         (address.cause->cause == Cause::banner_rejected || address.cause->cause == Cause::ehlo_rejected);
}

bool has_address(const RouteHost& host) {
  return !host.addresses.empty() && !Address::parse(host.server.view()).has_value();
}

// The tries of one preference and family.
struct Round {
  unsigned preference = 0;
  bool is_last = false;  ///< no host follows in the list
  Tier tries;
};

void add_rounds(std::span<const RouteHost> equals, bool is_last, std::vector<Round>& rounds) {
  Round v6{equals.front().preference, false, {}};
  Round v4{equals.front().preference, is_last, {}};
  for (std::size_t i = 0; i < equals.size(); ++i) {
    if (!has_address(equals[i])) continue;
    for (const RouteAddress& address : equals[i].addresses) {
      Tier& tries = (address.address.family() == Family::ipv6 ? v6 : v4).tries;
      tries.push_back(exim_try(address));
      tries.back().host = i;
    }
  }
  if (v4.tries.empty()) v6.is_last = is_last;
  if (!v6.tries.empty()) rounds.push_back(std::move(v6));
  if (!v4.tries.empty()) rounds.push_back(std::move(v4));
}

std::vector<Round> rounds_of(std::span<const RouteHost> hosts) {
  std::vector<Round> rounds;
  while (!hosts.empty()) {
    const auto preference = hosts.front().preference;
    const auto end = std::ranges::find_if(hosts, [&](const RouteHost& host) { return host.preference != preference; });
    const auto equals = static_cast<std::size_t>(end - hosts.begin());
    add_rounds(hosts.first(equals), equals == hosts.size(), rounds);
    hosts = hosts.subspan(equals);
  }
  return rounds;
}

// Every round that is reached may be decided; what is left when nothing decides is the last one's failures.
Endings walk(const std::vector<Round>& rounds) {
  Endings endings, given_up;
  double reached = 1;
  unsigned counted = 0, tried = 0;
  for (std::size_t i = 0; i < rounds.size() && tried < kHardLimit; ++i) {
    const Round& round = rounds[i];
    if (i > 0 && round.preference != rounds[i - 1].preference) counted = std::min(counted, kMaxTry - 1);
    const unsigned most = std::min(kMaxTry - counted, kHardLimit - tried);
    if (most == 0) continue;
    const Draw drawn = draw(round.tries, {most, kMostSessions});
    const bool to_the_end = round.is_last && round.tries.size() <= most;
    double passed = 0;
    given_up.clear();
    for (std::size_t t = 0; t < round.tries.size(); ++t) {
      const Try& one = round.tries[t];
      const bool bounces = one.outcome == Outcome::ends || (to_the_end && refuses_all(*one.at));
      const auto failure = bounces ? DeliveryOutcome::bounce : DeliveryOutcome::defer;
      passed += drawn.last[t];
      if (one.outcome == Outcome::delivers)
        endings.push_back(delivered(reached * drawn.decides[t]));
      else if (one.outcome == Outcome::ends)
        endings.push_back({failure, logged_status(*one.at, failure), reached * drawn.decides[t]});
      else
        given_up.push_back({failure, logged_status(*one.at, failure), reached * drawn.last[t]});
    }
    reached *= passed;
    const auto now = static_cast<unsigned>(std::min<std::size_t>(most, round.tries.size()));
    counted += now;
    tried += now;
  }
  endings.insert(endings.end(), given_up.begin(), given_up.end());
  return endings;
}

// A lookup that may succeed later outranks those that tell of no address.
Endings no_address(const Route& route) {
  const auto may_pass = [](const RouteHost& host) { return host.dns && host.dns->enhanced_status.starts_with('4'); };
  if (std::ranges::any_of(route.hosts, may_pass)) return {{DeliveryOutcome::defer, "4.4.3"}};
  return {{DeliveryOutcome::bounce, "5.4.4"}};
}

}  // namespace

Endings exim_endings(const Route& route) {
  const bool null_mx = route.dns && route.dns->cause == Cause::mx_null;
  if (route.dns && !(null_mx && !route.hosts.empty())) return {failed(*route.dns)};
  std::span<const RouteHost> hosts = route.hosts;
  if (const RouteHost* self = meeting_itself(route)) {
    const auto cut = std::ranges::find(hosts, self->preference, &RouteHost::preference);
    hosts = hosts.first(static_cast<std::size_t>(cut - hosts.begin()));
    if (hosts.empty()) return {failed(*loop_of(*self))};
  }
  const std::vector<Round> rounds = rounds_of(hosts);
  return rounds.empty() ? no_address(route) : walk(rounds);
}

}  // namespace mxhealth::forecast
