// Lookups over all configured resolvers: cache, one question at a time for everybody who wants it, failover, a
// deadline. Facts come out, never a judgement. A resolver that only said no (SERVFAIL, REFUSED, nonsense) is not asked
// twice, one that said nothing is. Must go before its io_context; lookups under way then end as `cancelled`.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "dns/answer.hpp"
#include "dns/cache.hpp"
#include "model/address.hpp"
#include "model/dns_facts.hpp"
#include "model/record.hpp"
#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::net {

inline constexpr std::uint16_t kDnsPort = 53;

struct ResolverSettings {
  std::vector<Peer> servers;                   ///< asked in this order; the one that answered last comes first
  Duration timeout = std::chrono::seconds(5);  ///< of a lookup, over all servers and repetitions
  dns::CacheBounds cache;
  std::size_t outstanding = 4096;  ///< lookups under way; further ones queue, and queueing is not on their clock
  Name control{};                  ///< must exist, and what is below it must not; the root: nothing is checked
  Duration control_every = std::chrono::seconds(60);
};

inline constexpr Duration kControlEvery = std::chrono::seconds(1);  // at most, when lookups fail

struct Lookup {
  LookupFacts facts;
  std::shared_ptr<const dns::Answer> answer;  ///< never null; the cache is its other owner
};

class Resolver {
 public:
  Resolver(boost::asio::io_context&, ResolverSettings);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// `max_age`: what is older than that is not taken from our cache; zero asks anew (or joins who is asking just now).
  awaitable<Lookup> lookup(Name, dns::Type, Duration max_age = Duration::max());

  /// All at once; the results are in the order of the types.
  awaitable<std::vector<Lookup>> lookup_all(Name, std::vector<dns::Type>, Duration max_age = Duration::max());

  /// What is under way ends as `cancelled` now, and so does all that is asked later.
  void stop();

  std::vector<ResolverRecord> records() const;

  /// When lookups fail, a question that must be answered (about the control name and one below it; without one the last
  /// that was answered, else the root's name servers) is asked past the cache: only if that fails too, and for
  /// `patience`, is the resolver down.
  ResolverHealth health(Mono now, Duration patience);

  /// Whether addresses are made up for names that do not exist; such answers end as `rewritten`. None: not known.
  std::optional<bool> rewrites() const;

 private:
  class Desk;
  std::shared_ptr<Desk> desk_;  // the other owners are the lookups under way
};

}  // namespace mxhealth::net
