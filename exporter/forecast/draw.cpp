#include "forecast/draw.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace mxhealth::forecast {
namespace {

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

struct HostTries {
  std::vector<Try*> moving, deciding;
  std::size_t size() const { return moving.size() + deciding.size(); }
};

// How many sets of hosts, all of whose tries move on, leave at least one try: by number of hosts and of tries.
class Prefixes {
 public:
  explicit Prefixes(std::size_t most) : most_(most) { sets_[0][0] = 1; }

  void add(const HostTries& host) {
    if (!fits(host)) return;
    for (std::size_t hosts = kMostTries; hosts-- > 0;)
      for (std::size_t tries = kMostTries - host.size(); tries-- > 0;)
        sets_[hosts + 1][tries + host.size()] += sets_[hosts][tries];
  }
  void take_out(const HostTries& host) {
    if (!fits(host)) return;
    for (std::size_t hosts = 0; hosts < kMostTries; ++hosts)
      for (std::size_t tries = 0; tries + host.size() < kMostTries; ++tries)
        sets_[hosts + 1][tries + host.size()] -= sets_[hosts][tries];
  }

  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t hosts = 0; hosts <= kMostTries; ++hosts)
      for (std::size_t tries = 0; tries < most_; ++tries)
        if (sets_[hosts][tries] > 0) visit(hosts, tries, sets_[hosts][tries]);
  }

 private:
  bool fits(const HostTries& host) const { return host.deciding.empty() && host.size() < most_; }

  std::size_t most_;
  std::array<std::array<double, kMostTries>, kMostTries + 1> sets_{};
};

std::vector<HostTries> hosts_of(Tier& tier) {
  std::map<std::size_t, HostTries> hosts;
  for (Try& one : tier)
    (one.outcome == Outcome::moves_on ? hosts[one.host].moving : hosts[one.host].deciding).push_back(&one);
  std::vector<HostTries> list;
  for (auto& [id, host] : hosts) list.push_back(std::move(host));
  return list;
}

void share_out(double share, const std::vector<Try*>& tries, double Try::*into) {
  for (Try* one : tries) one->*into += share / static_cast<double>(tries.size());
}

}  // namespace

// A walk is decided or given up at one host; the hosts before it all moved on. Of k hosts, j given ones come first and
// this one next in j! (k-1-j)! of the k! orders.
void draw(Tier& tier, std::size_t most) {
  most = std::min({most, kMostTries, tier.size()});
  const std::vector<HostTries> hosts = hosts_of(tier);
  Prefixes all(most);
  for (const HostTries& host : hosts) all.add(host);
  for (const HostTries& host : hosts) {
    Prefixes before = all;
    before.take_out(host);
    before.each([&](std::size_t others, std::size_t tries, double sets) {
      const double share = sets / (static_cast<double>(hosts.size()) * choose(hosts.size() - 1, others));
      const std::size_t here = std::min(most - tries, host.size());
      const double none = chance_of_only(host.moving.size(), host.size(), here);
      share_out(share * (1 - none), host.deciding, &Try::decides);
      if (tries + here == most) share_out(share * none, host.moving, &Try::last);
    });
  }
}

}  // namespace mxhealth::forecast
