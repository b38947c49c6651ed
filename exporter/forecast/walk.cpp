#include "forecast/walk.hpp"

#include <algorithm>
#include <limits>

namespace mxhealth::forecast {
namespace {

// Postfix bounces at once on 5xx to HELO, and on 5xx to STARTTLS where TLS is demanded; any other failure moves on.
bool ends_walk(const CauseFound& cause) {
  if (cause.cause == Cause::ehlo_rejected) return true;
  return cause.cause == Cause::starttls_refused && cause.enhanced_status.starts_with('5');
}

bool is_loop(const std::optional<CauseFound>& cause) { return cause && cause->cause == Cause::mx_loop; }

bool meets_sender(const RouteHost& host) {
  return is_loop(host.dns) ||
         std::ranges::any_of(host.addresses, [](const RouteAddress& address) { return is_loop(address.cause); });
}

// C(m, r) / C(n, r): the chance that r tries out of n meet only the m that move on.
double chance_of_only(std::size_t m, std::size_t n, unsigned r) {
  if (r > m) return 0;
  double chance = 1;
  for (unsigned i = 0; i < r; ++i) chance *= static_cast<double>(m - i) / static_cast<double>(n - i);
  return chance;
}

}  // namespace

Try try_of(const RouteAddress& address) {
  if (address.standing != Standing::failing) return {address.standing, Outcome::delivers, address.cause};
  const bool ends = address.cause && ends_walk(*address.cause);
  return {address.standing, ends ? Outcome::ends : Outcome::moves_on, address.cause};
}

std::size_t count(const Tier& tier, Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count(tier, outcome, &Try::outcome));
}

Walk walk_of(const Route& route, unsigned horizon) {
  Walk walk;
  const auto loop = std::ranges::find_if(route.hosts, meets_sender);  // sorted: the best preference that does
  unsigned cut = std::numeric_limits<unsigned>::max();
  if (loop != route.hosts.end()) {
    cut = loop->preference;
    walk.loop =
        is_loop(loop->dns) ? loop->dns : std::ranges::find_if(loop->addresses, is_loop, &RouteAddress::cause)->cause;
  }

  walk.slots = horizon;
  for (auto host = route.hosts.begin(); host != route.hosts.end() && host->preference < cut && walk.slots > 0;) {
    Tier tier;
    const auto preference = host->preference;
    for (; host != route.hosts.end() && host->preference == preference; ++host)
      std::ranges::transform(host->addresses, std::back_inserter(tier), try_of);
    if (tier.empty()) continue;
    walk.tiers.push_back(std::move(tier));
    const Tier& last = walk.tiers.back();
    const auto moving = count(last, Outcome::moves_on);
    if (moving < last.size() || moving >= walk.slots) break;
    walk.slots -= static_cast<unsigned>(moving);
  }
  return walk;
}

Prospect prospect(const Walk& walk) {
  if (walk.tiers.empty()) return {};
  const Tier& tier = walk.tiers.back();
  const auto delivering = count(tier, Outcome::delivers);
  const auto moving = count(tier, Outcome::moves_on);
  if (delivering == 0) return {};
  const double met = 1 - chance_of_only(moving, tier.size(), walk.slots);
  const double first = static_cast<double>(delivering) / static_cast<double>(tier.size() - moving);
  return {true, walk.slots > moving && delivering + moving == tier.size(), met * first};
}

}  // namespace mxhealth::forecast
