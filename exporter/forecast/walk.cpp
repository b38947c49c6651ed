#include "forecast/walk.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace mxhealth::forecast {
namespace {

// Postfix bounces at once on 5xx to HELO, MAIL and RCPT, and to STARTTLS where TLS is demanded; any other failure moves
// on, a 5xx greeting too (smtp_skip_5xx_greeting).
bool ends_walk(const RouteAddress& address) {
  switch (address.cause->cause) {
    case Cause::ehlo_rejected:
    case Cause::sender_rejected:
    case Cause::recipient_rejected: return true;
    case Cause::starttls_refused:  // where it says something else now, the code is that one's
      return address.reply_code != 0 && !address.now ? address.reply_code >= 500
                                                     : address.cause->enhanced_status.starts_with('5');
    default: return false;
  }
}

bool is_loop(const std::optional<CauseFound>& cause) { return cause && cause->cause == Cause::mx_loop; }

std::vector<Tier> tiers_of(const Route& route, unsigned cut, TryOf try_of) {
  std::vector<Tier> tiers;
  unsigned preference = 0;
  for (const RouteHost& host : route.hosts) {
    if (host.preference >= cut) break;
    if (host.addresses.empty()) continue;
    if (tiers.empty() || host.preference != preference) tiers.emplace_back();
    preference = host.preference;
    for (const RouteAddress& address : host.addresses) tiers.back().push_back(try_of(address));
  }
  return tiers;
}

// --- Every order, equal tries as one: of a tier's tries that act alike and share a family each is as likely the next.

constexpr std::size_t kKinds = 4;
std::size_t kind_of(const Try& one) {
  const bool is_session = one.outcome == Outcome::moves_on && one.is_session;
  const auto kind = is_session ? std::size_t{3} : static_cast<std::size_t>(one.outcome);
  return kind + (one.at->address.family() == Family::ipv6 ? kKinds : 0);
}

using Room = std::array<std::size_t, 2>;  // tries left by family
std::size_t family_of(std::size_t kind) { return kind / kKinds; }

class Orders {
 public:
  Orders(std::vector<Tier>& tiers, Patience patience) : patience_(patience) {
    for (Tier& tier : tiers) {
      tiers_.emplace_back();
      for (Try& one : tier) {
        tiers_.back()[kind_of(one)].tries.push_back(&one);
        ++addresses_[family_of(kind_of(one))];
      }
    }
  }

  /// Tells each try its shares; returns how many tiers some order reaches.
  std::size_t follow() {
    if (!tiers_.empty()) follow({.room = {patience_.tries, patience_.tries}}, 1);
    for (auto& kinds : tiers_) {
      for (const Kind& kind : kinds) {
        for (Try* one : kind.tries) {
          one->decides = kind.decides / static_cast<double>(kind.tries.size());
          one->last = kind.last / static_cast<double>(kind.tries.size());
        }
      }
    }
    return reached_;
  }

 private:
  struct Kind {
    std::vector<Try*> tries;
    double decides = 0, last = 0;  // as of a try, but of all together
  };
  using Kinds = std::array<Kind, 2 * kKinds>;
  using Counts = std::array<std::size_t, 2 * kKinds>;
  struct Place {
    std::size_t tier = 0;
    Counts used{};  // of this tier
    unsigned tries = 0, sessions = 0;
    Room room{};
    Kind* last = nullptr;
  };

  // Postfix' smtp_balance_inet_proto(): room for both families, the odd place for that of the first address.
  Room balanced(std::size_t first_family) const {
    const std::size_t limit = patience_.tries;
    const auto [v4, v6] = addresses_;
    if (v4 == 0 || v6 == 0 || v4 + v6 <= limit) return {limit, limit};
    if (v6 <= limit / 2) return {limit - v6, v6};
    if (v4 <= limit / 2) return {v4, limit - v4};
    const std::size_t v4_room = (limit + (first_family == 0 ? 1 : 0)) / 2;
    return {v4_room, limit - v4_room};
  }

  void follow(Place at, double share) {
    if (at.tries == patience_.tries || at.sessions == patience_.sessions) return give_up(at, share);
    Counts open{};
    std::size_t all = 0;
    for (std::size_t kind = 0; kind < open.size(); ++kind) {
      if (at.room[family_of(kind)] > 0) open[kind] = tiers_[at.tier][kind].tries.size() - at.used[kind];
      all += open[kind];
    }
    if (all == 0) return next_tier(at, share);
    reached_ = std::max(reached_, at.tier + 1);
    for (std::size_t kind = 0; kind < open.size(); ++kind)
      if (open[kind] > 0) take(at, kind, share * static_cast<double>(open[kind]) / static_cast<double>(all));
  }

  static void give_up(const Place& at, double share) { at.last->last += share; }

  void next_tier(Place at, double share) {
    if (++at.tier == tiers_.size()) return give_up(at, share);
    at.used = {};
    follow(at, share);
  }

  void take(Place at, std::size_t index, double share) {
    Kind& kind = tiers_[at.tier][index];
    if (kind.tries.front()->outcome != Outcome::moves_on) {
      kind.decides += share;
      return;
    }
    if (at.tries == 0) at.room = balanced(family_of(index));
    --at.room[family_of(index)];
    ++at.used[index];
    ++at.tries;
    if (kind.tries.front()->is_session) ++at.sessions;
    at.last = &kind;
    follow(at, share);
  }

  Patience patience_;
  std::vector<Kinds> tiers_;
  Room addresses_{};
  std::size_t reached_ = 0;
};

}  // namespace

Try try_of(const RouteAddress& address) {
  if (address.standing != Standing::failing) return {.at = &address, .outcome = Outcome::delivers};
  const bool ends = address.cause && ends_walk(address);
  return {.at = &address, .outcome = ends ? Outcome::ends : Outcome::moves_on, .is_session = address.past_hello};
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
  walk.loop_at = meeting_itself(route);
  if (walk.loop_at != nullptr) walk.loop = loop_of(*walk.loop_at);
  const unsigned cut = walk.loop_at != nullptr ? walk.loop_at->preference : std::numeric_limits<unsigned>::max();
  walk.tiers = tiers_of(route, cut, try_of);
  walk.tiers.resize(Orders(walk.tiers, patience).follow());
  return walk;
}

Prospect prospect(const Walk& walk) {
  Prospect result{.some = false, .every = !walk.tiers.empty(), .share = 0};
  for (const Tier& tier : walk.tiers) {
    for (const Try& one : tier) {
      const bool delivers = one.outcome == Outcome::delivers;
      if (delivers) result.share += one.decides;
      result.some = result.some || (delivers && one.decides > 0);
      result.every = result.every && one.last == 0 && (delivers || one.decides == 0);
    }
  }
  if (result.every) result.share = 1;
  return result;
}

}  // namespace mxhealth::forecast
