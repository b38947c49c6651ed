// What a look at a domain's MTA-STS amounts to (RFC 8461): record, policy host, policy file, the mail hosts against it,
// and what was fetched before. Pure; who fetches is probes/mta_sts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/dns_facts.hpp"
#include "model/https_facts.hpp"
#include "model/policy.hpp"

namespace mxhealth::policy {

struct StsLook {
  DomainName domain;
  LookupEnd record_end = LookupEnd::cancelled;  ///< of the TXT records at _mta-sts.<domain>
  std::vector<std::string> texts{};
  HostFacts host{};                   ///< addresses of mta-sts.<domain>
  bool not_public = false;            ///< it has addresses, and none that may be dialled
  std::optional<HttpsFacts> fetch{};  ///< empty: nobody could be asked
  std::vector<ServerName> mx{};       ///< the domain's mail hosts; empty: not known
  std::optional<MtaSts> last{};       ///< what an earlier look fetched
  Wall now{};
};

PolicyFacts judge_mta_sts(const StsLook& look);

/// mta-sts.<domain>; empty: the name would be too long.
std::optional<ServerName> sts_policy_host(const DomainName& domain);

}  // namespace mxhealth::policy
