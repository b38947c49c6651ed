// What lookups taught us about a domain's mail hosts and about a host's addresses. Facts only: what they mean for
// delivery is forecast's business, and which failure is whose diagnosis'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/name.hpp"
#include "model/time.hpp"

namespace mxhealth {

/// How one question ended, over all resolvers and retries.
enum class LookupEnd : std::uint8_t {
  records,      ///< NOERROR with records of the asked type (behind CNAMEs or not)
  no_data,      ///< NOERROR without any (RFC 2308 section 2.2)
  nxdomain,     ///< RFC 2308 section 2.1
  servfail,     ///< SERVFAIL, NOTIMP, FORMERR or any other rcode that is no answer
  bogus,        ///< SERVFAIL, yet an answer when asked not to validate (CD, RFC 4035 section 3.2.2)
  refused,      ///< REFUSED
  malformed,    ///< an answer that could not be parsed, or whose CNAMEs loop
  timed_out,    ///< silence from every resolver
  unreachable,  ///< every resolver's port is closed or unroutable: ours, not the domain's
  rewritten,    ///< nothing but addresses that our resolver makes up for names that do not exist: ours
  cancelled,    ///< we stopped asking (drain)
};

/// Negative or positive, an answer about the name itself, as against a failure to learn one.
constexpr bool is_answer(LookupEnd end) {
  return end == LookupEnd::records || end == LookupEnd::no_data || end == LookupEnd::nxdomain;
}

/// Who validates well or makes things up is at work, too.
constexpr bool shows_a_working_resolver(LookupEnd end) {
  return is_answer(end) || end == LookupEnd::bogus || end == LookupEnd::rewritten;
}

/// Whether failures may be blamed on the names asked for, or on the resolver that we ask.
enum class ResolverHealth : std::uint8_t {
  well,
  unsure,  ///< not even what must be answered is, but for too short a time to tell; or it has just come back
  down,    ///< for two intervals no question at all got NOERROR or NXDOMAIN
};

struct LookupFacts {
  LookupEnd end = LookupEnd::cancelled;
  bool authenticated = false;   ///< AD bit (RFC 6840 section 5.7); worth what the path to the resolver is worth
  std::chrono::seconds ttl{0};  ///< of the answer; negative TTL (RFC 2308 section 5) where there is none
  std::uint8_t cname_hops = 0;
  Duration duration{0};  ///< 0 when from the cache
};

struct MxHost {
  std::uint16_t preference = 0;
  ServerName name;
  friend auto operator<=>(const MxHost&, const MxHost&) = default;
};

/// The MX set of a domain, sorted by preference, then name.
struct MxFacts {
  LookupFacts lookup;
  bool null_mx = false;  ///< some record is `0 .` (RFC 7505); Postfix then takes no other
  std::uint16_t null_preference = 0;
  bool implicit = false;  ///< no MX: the domain itself at preference 0 (RFC 5321 section 5.1)
  std::vector<MxHost> hosts;
  std::vector<Address>
      literals;  ///< targets that are IPv4 addresses written as names, among `hosts` too: senders differ
  unsigned unusable_targets = 0;  ///< targets that are no host name at all
};

/// The addresses of one host, A and AAAA, each asked on its own.
struct HostFacts {
  std::optional<LookupFacts> ipv4;  ///< empty: family not asked for
  std::optional<LookupFacts> ipv6;
  std::vector<Address> addresses;  ///< sorted, unique, both families, not yet capped
  std::vector<Address> made_up;    ///< what came instead where a lookup ended `rewritten`; never to be dialled
  bool alias = false;              ///< an MX target that is a CNAME (against RFC 2181 section 10.3)
  Name canonical;                  ///< what the aliases lead to; the root where there is none
};

}  // namespace mxhealth
