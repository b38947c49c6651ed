// DMARC records (RFC 7489): found at the domain or at its organizational domain, read, and judged. Pure. What
// DMARCbis changes is told only where it matters to who publishes the record.
#pragma once

#include <optional>
#include <string>

#include "model/policy.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

inline constexpr std::size_t kMaxReportAddresses = 20;  // looked at, of rua and ruf each

/// The part of a name that somebody registered (dnsbl/registered_domain.hpp): the organizational domain.
using RegisteredDomain = std::optional<Name> (*)(const Name&);

/// What a receiver finds for a domain (section 6.6.3).
struct DmarcFound {
  LookupEnd end = LookupEnd::no_data;  ///< of the lookup that decided
  Name at{};                           ///< the domain whose record it is: its own, or the organizational one
  std::vector<std::string> records{};  ///< more than one: receivers use none
  std::vector<std::string> meant{};    ///< at the domain itself: what is no record and was meant as one
};
std::optional<DmarcFound> find_dmarc(const Name& domain, RegisteredDomain, Answers& answers);

/// What the one record asks for mail of `domain`: none, quarantine or reject. None where it does not say that.
std::optional<std::string> policy_for(const Name& domain, const DmarcFound&);

/// None: `answers` wants to know more first.
std::optional<PolicyFacts> judge_dmarc(const Name& domain, RegisteredDomain, Answers& answers);

}  // namespace mxhealth::policy
