#include "forecast/walk.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

namespace mxhealth::forecast {
namespace {

// Postfix bounces at once on 5xx to HELO, MAIL and RCPT, and to STARTTLS where TLS is demanded; any other failure moves
// on, a 5xx greeting too (smtp_skip_5xx_greeting).
bool ends_walk(const RouteAddress& address) {
  switch (address.cause->cause) {
    case Cause::ehlo_rejected:
    case Cause::sender_rejected:
    case Cause::recipient_rejected: return true;
    case Cause::starttls_refused:
      return address.reply_code != 0 ? address.reply_code >= 500 : address.cause->enhanced_status.starts_with('5');
    default: return false;
  }
}

bool is_loop(const std::optional<CauseFound>& cause) { return cause && cause->cause == Cause::mx_loop; }

// C(n, k) as a number of any size.
double choose(std::size_t n, std::size_t k) {
  if (k > n) return 0;
  double ways = 1;
  for (std::size_t i = 0; i < k; ++i) ways = ways * static_cast<double>(n - i) / static_cast<double>(i + 1);
  return ways;
}

// C(m, r) / C(n, r): the chance that r tries out of n meet only the m that move on.
double chance_of_only(std::size_t m, std::size_t n, std::size_t r) {
  if (r > m) return 0;
  double chance = 1;
  for (std::size_t i = 0; i < r; ++i) chance *= static_cast<double>(m - i) / static_cast<double>(n - i);
  return chance;
}

// A tier's host as far as counting goes.
struct HostTries {
  std::vector<std::size_t> moving, deciding;  // indices into the tier
  unsigned sessions = 0;
  std::size_t size() const { return moving.size() + deciding.size(); }
};

// How many sets of hosts, all of whose tries move on, can be walked before the patience ends: by hosts, tries,
// sessions.
class Prefixes {
 public:
  explicit Prefixes(Patience left) : left_(left) { sets_[0][0][0] = 1; }

  void add(const HostTries& host) {
    if (!fits(host)) return;
    for (std::size_t h = kMostTries; h-- > 0;)
      for (std::size_t t = kMostTries - host.size(); t-- > 0;)
        for (std::size_t s = kMostSessions - host.sessions; s-- > 0;)
          sets_[h + 1][t + host.size()][s + host.sessions] += sets_[h][t][s];
  }
  void take_out(const HostTries& host) {
    if (!fits(host)) return;
    for (std::size_t h = 0; h < kMostTries; ++h)
      for (std::size_t t = 0; t + host.size() < kMostTries; ++t)
        for (std::size_t s = 0; s + host.sessions < kMostSessions; ++s)
          sets_[h + 1][t + host.size()][s + host.sessions] -= sets_[h][t][s];
  }

  // Each set that leaves patience for one try more: its hosts, tries and sessions, and how many such sets there are.
  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t h = 0; h <= kMostTries; ++h)
      for (std::size_t t = 0; t < left_.tries; ++t)
        for (std::size_t s = 0; s < left_.sessions; ++s)
          if (sets_[h][t][s] > 0) visit(h, t, s, sets_[h][t][s]);
  }

 private:
  bool fits(const HostTries& host) const {
    return host.deciding.empty() && host.size() < left_.tries && host.sessions < left_.sessions;
  }

  Patience left_;
  std::array<std::array<std::array<double, kMostSessions>, kMostTries>, kMostTries + 1> sets_{};
};

std::vector<HostTries> hosts_of(const Tier& tier) {
  std::map<std::size_t, HostTries> hosts;
  for (std::size_t i = 0; i < tier.size(); ++i) {
    HostTries& host = hosts[tier[i].host];
    (tier[i].outcome == Outcome::moves_on ? host.moving : host.deciding).push_back(i);
    if (tier[i].outcome == Outcome::moves_on && tier[i].is_session) ++host.sessions;
  }
  std::vector<HostTries> list;
  for (auto& [id, host] : hosts) list.push_back(std::move(host));
  return list;
}

void share_out(double share, const std::vector<std::size_t>& tries, std::vector<double>& into) {
  for (const std::size_t i : tries) into[i] += share / static_cast<double>(tries.size());
}

}  // namespace

// A walk is decided or given up at one host; the hosts before it all moved on. Of k hosts, j given ones come first and
// this one next in j! (k-1-j)! of the k! orders.
Draw draw(const Tier& tier, Patience left) {
  left = {std::min(left.tries, kMostTries), std::min(left.sessions, kMostSessions)};
  Draw result{std::vector<double>(tier.size()), std::vector<double>(tier.size())};
  const std::vector<HostTries> hosts = hosts_of(tier);
  const std::size_t most = std::min<std::size_t>(left.tries, tier.size());
  Prefixes all(left);
  for (const HostTries& host : hosts) all.add(host);
  for (const HostTries& host : hosts) {
    Prefixes before = all;
    before.take_out(host);
    before.each([&](std::size_t h, std::size_t tries, std::size_t sessions, double sets) {
      const double share = sets / (static_cast<double>(hosts.size()) * choose(hosts.size() - 1, h));
      const std::size_t here = std::min(left.tries - tries, host.size());
      const double none = chance_of_only(host.moving.size(), host.size(), here);
      share_out(share * (1 - none), host.deciding, result.decides);
      const bool given_up = tries + here == most || sessions + host.sessions >= left.sessions;
      if (given_up) share_out(share * none, host.moving, result.last);
    });
  }
  return result;
}

Try try_of(const RouteAddress& address) {
  if (address.standing != Standing::failing) return {.at = &address, .outcome = Outcome::delivers};
  const bool ends = address.cause && ends_walk(address);
  return {&address, ends ? Outcome::ends : Outcome::moves_on, address.past_hello};
}

std::size_t count(const Tier& tier, Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count(tier, outcome, &Try::outcome));
}

std::optional<CauseFound> loop_of(const RouteHost& host) {
  if (is_loop(host.dns)) return host.dns;
  const auto address = std::ranges::find_if(host.addresses, is_loop, &RouteAddress::cause);
  return address == host.addresses.end() ? std::nullopt : address->cause;
}

const RouteHost* meeting_itself(const Route& route) {  // sorted: the best preference that does
  const auto host = std::ranges::find_if(route.hosts, [](const RouteHost& one) { return loop_of(one).has_value(); });
  return host == route.hosts.end() ? nullptr : &*host;
}

Walk walk_of(const Route& route, Patience patience, TryOf try_of) {
  Walk walk;
  walk.left = patience;
  walk.loop_at = meeting_itself(route);
  if (walk.loop_at != nullptr) walk.loop = loop_of(*walk.loop_at);
  const unsigned cut = walk.loop_at != nullptr ? walk.loop_at->preference : std::numeric_limits<unsigned>::max();

  for (auto host = route.hosts.begin(); host != route.hosts.end() && host->preference < cut;) {
    Tier tier;
    const auto preference = host->preference;
    for (; host != route.hosts.end() && host->preference == preference; ++host)
      for (const RouteAddress& address : host->addresses)
        tier.push_back(try_of(address)), tier.back().host = tier.size();
    if (tier.empty()) continue;
    walk.tiers.push_back(std::move(tier));
    const Tier& last = walk.tiers.back();
    const auto moving = static_cast<unsigned>(count(last, Outcome::moves_on));
    const auto sessions = static_cast<unsigned>(
        std::ranges::count_if(last, [](const Try& one) { return one.outcome == Outcome::moves_on && one.is_session; }));
    if (moving < last.size() || moving >= walk.left.tries || sessions >= walk.left.sessions) break;
    walk.left.tries -= moving;
    walk.left.sessions -= sessions;
  }
  return walk;
}

Prospect prospect(const Walk& walk) {
  if (walk.tiers.empty()) return {};
  const Tier& tier = walk.tiers.back();
  const auto delivering = count(tier, Outcome::delivers);
  if (delivering == 0) return {};
  const Draw drawn = draw(tier, walk.left);
  Prospect result{.some = true, .every = count(tier, Outcome::ends) == 0, .share = 0};
  for (std::size_t i = 0; i < tier.size(); ++i) {
    if (tier[i].outcome == Outcome::delivers) result.share += drawn.decides[i];
    if (drawn.last[i] > 0) result.every = false;
  }
  if (result.every) result.share = 1;
  return result;
}

}  // namespace mxhealth::forecast
