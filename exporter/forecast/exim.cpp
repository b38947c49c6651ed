// Exim 4.96 with default settings, self = fail, and a new message. It tries five addresses; from the fifth on it skips
// to the next preference, one address of each, fifty in all (hosts_max_try, hosts_max_try_hardlimit). Where an
// opportunistic handshake fails it tries the same address in clear text at once. A 5xx to greeting or HELO moves on; it
// bounces where the host is the last of the list, and hosts without address stand in that list, too. An MX that is an
// IP literal has no address; a null MX beside others is such a host. One host's addresses are tried together, IPv6
// before IPv4 among equal preferences. What it hears in answer to the EHLO inside TLS it does not care for; a
// connection lost there is a failed handshake.
#include <algorithm>
#include <set>
#include <span>

#include "forecast/draw.hpp"
#include "forecast/sender.hpp"
#include "forecast/walk.hpp"

namespace mxhealth::forecast {
namespace {

constexpr unsigned kMaxTry = 5;
constexpr unsigned kHardLimit = 50;

bool gets_past_hello_in_tls(const RouteAddress& address) {
  if (address.ended_in != Phase::ehlo_tls || !address.cause) return false;
  if (address.cause->cause == Cause::connection_lost) return !demands_tls(address.policy);
  return address.reply_code != 0 && address.reply_code != 421;
}

Try exim_try(const RouteAddress& address) {
  Try one{.at = &address, .outcome = Outcome::delivers};
  if (address.standing != Standing::failing || gets_past_hello_in_tls(address)) return one;
  const bool ends = address.cause && (address.cause->cause == Cause::sender_rejected ||
                                      address.cause->cause == Cause::recipient_rejected);
  one.outcome = ends ? Outcome::ends : Outcome::moves_on;
  return one;
}

bool refuses_all(const RouteAddress& address) {
  return address.cause &&
         (address.cause->cause == Cause::banner_rejected || address.cause->cause == Cause::ehlo_rejected);
}

// The tries of one preference and family.
struct Round {
  unsigned preference = 0;
  double ends_list = 0;  ///< the share of orders in which the host tried last is the last of the list
  Tier tries;
};

void add_rounds(std::span<const RouteHost> equals, bool is_last, std::vector<Round>& rounds) {
  Round v6{equals.front().preference, 0, {}};
  Round v4 = v6;
  std::set<std::size_t> v6_hosts, v4_hosts;
  std::size_t without_address = 0;
  for (std::size_t i = 0; i < equals.size(); ++i) {
    if (equals[i].addresses.empty()) ++without_address;
    for (const RouteAddress& address : equals[i].addresses) {
      const bool is_v6 = address.address.family() == Family::ipv6;
      (is_v6 ? v6 : v4).tries.push_back(exim_try(address));
      (is_v6 ? v6 : v4).tries.back().host = i;
      (is_v6 ? v6_hosts : v4_hosts).insert(i);
    }
  }
  if (is_last) {
    const std::size_t tried = v4_hosts.empty() ? v6_hosts.size() : v4_hosts.size();
    (v4_hosts.empty() ? v6 : v4).ends_list = static_cast<double>(tried) / static_cast<double>(tried + without_address);
  }
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
Endings walk(std::vector<Round> rounds) {
  Endings endings, given_up;
  double reached = 1;
  unsigned counted = 0, tried = 0;
  for (std::size_t i = 0; i < rounds.size() && tried < kHardLimit; ++i) {
    Round& round = rounds[i];
    if (i > 0 && round.preference != rounds[i - 1].preference) counted = std::min(counted, kMaxTry - 1);
    const unsigned most = std::min(kMaxTry - counted, kHardLimit - tried);
    if (most == 0) continue;
    draw(round.tries, most);
    const double ends_list = round.tries.size() <= most ? round.ends_list : 0;
    double passed = 0;
    given_up.clear();
    for (const Try& one : round.tries) {
      passed += one.last;
      if (one.outcome == Outcome::delivers) endings.push_back(delivered(reached * one.decides));
      if (one.outcome == Outcome::ends) endings.push_back(bounced(*one.at, reached * one.decides));
      if (one.outcome != Outcome::moves_on) continue;
      const double bounces = refuses_all(*one.at) ? ends_list : 0;
      given_up.push_back(bounced(*one.at, reached * one.last * bounces));
      given_up.push_back(deferred(*one.at, reached * one.last * (1 - bounces)));
    }
    reached *= passed;
    const auto now = static_cast<unsigned>(std::min<std::size_t>(most, round.tries.size()));
    counted += now;
    tried += now;
  }
  endings.insert(endings.end(), given_up.begin(), given_up.end());
  return endings;
}

// Literals have no address, and are not looked at for one of its own.
std::vector<RouteHost> without_literals(std::vector<RouteHost> hosts) {
  for (RouteHost& host : hosts)
    if (Address::parse(host.server.view())) host.addresses.clear();
  return hosts;
}

// A lookup that may succeed later outranks those that tell of no address.
Endings no_address(const Route& route) {
  const auto may_pass = [](const RouteHost& host) { return host.dns && host.dns->enhanced_status.starts_with('4'); };
  if (std::ranges::any_of(route.hosts, may_pass)) return {{DeliveryOutcome::defer, "4.4.3"}};
  return {{DeliveryOutcome::bounce, "5.4.4"}};
}

}  // namespace

Endings exim_endings(const Route& given) {
  const bool null_mx = given.dns && given.dns->cause == Cause::mx_null;
  if (given.dns && !(null_mx && !given.hosts.empty())) return {failed(*given.dns)};
  const Route route{.dns = {}, .hosts = without_literals(given.hosts)};
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
