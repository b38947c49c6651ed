// What failed lookups mean: the rules for DNS facts declared in cause_of.hpp.
#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {
namespace {

// How sure a failure is: a soft one may pass, so it outranks a hard one; what is ours outranks both.
enum class Weight : std::uint8_t { hard, soft, ours };

Weight weight(Cause cause) {
  if (class_of(cause) == CauseClass::local) return Weight::ours;
  return row(cause).enhanced_status.front() == '4' ? Weight::soft : Weight::hard;
}

std::optional<CauseFound> heaviest_of(const HostFacts& host) {
  std::optional<CauseFound> heaviest;
  for (const auto& lookup : {host.ipv4, host.ipv6}) {
    if (!lookup) continue;
    const auto cause = cause_of(*lookup);
    if (cause && (!heaviest || weight(cause->cause) > weight(heaviest->cause))) heaviest = cause;
  }
  return heaviest ? heaviest : found(Cause::dns_no_address);
}

}  // namespace

std::optional<CauseFound> cause_of(const LookupFacts& lookup) {
  switch (lookup.end) {
    case LookupEnd::records: return std::nullopt;
    case LookupEnd::no_data: return found(Cause::dns_no_address);
    case LookupEnd::nxdomain: return found(Cause::dns_nxdomain);
    case LookupEnd::servfail: return found(Cause::dns_servfail);
    case LookupEnd::bogus: return found(Cause::dns_bogus);
    case LookupEnd::refused: return found(Cause::dns_refused);
    case LookupEnd::malformed: return found(Cause::dns_malformed);
    case LookupEnd::timed_out: return found(Cause::dns_timeout);
    case LookupEnd::unreachable: return found(Cause::resolver_unreachable);
    case LookupEnd::rewritten: return found(Cause::resolver_rewrites);
    case LookupEnd::cancelled: return found(Cause::probe_deadline);
  }
  return std::nullopt;
}

std::optional<CauseFound> cause_of(const MxFacts& mx) {
  if (mx.null_mx) return found(Cause::mx_null);
  if (!mx.hosts.empty() || !mx.literals.empty()) return std::nullopt;
  if (mx.lookup.end == LookupEnd::records) return found(Cause::mx_target_missing);  // only unusable targets
  return cause_of(mx.lookup);
}

std::optional<CauseFound> cause_of(const HostFacts& host) {
  if (!host.addresses.empty()) return std::nullopt;
  const auto cause = heaviest_of(host);
  return weight(cause->cause) == Weight::hard ? found(Cause::mx_target_missing) : cause;
}

std::optional<CauseFound> cause_of(const MxFacts& mx, const HostFacts& host) {
  if (!host.addresses.empty() || !mx.implicit) return cause_of(host);
  return heaviest_of(host);
}

}  // namespace mxhealth::diagnosis
