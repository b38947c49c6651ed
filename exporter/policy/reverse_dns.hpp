// Reverse DNS of an address that sends or takes mail: has it a name, and has that name the address (FCrDNS, which many
// receivers ask of senders)? And the name by which a host calls itself. Pure.
#pragma once

#include <optional>
#include <vector>

#include "model/policy.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

/// `announced`: the name in the host's banner or EHLO, where one is known. None: `answers` wants to know more first.
std::optional<PtrFacts> judge_reverse_dns(const Address& address, const std::optional<Name>& announced,
                                          Answers& answers);

/// What receivers hold against `ehlo`, the name that we ourselves say, from `sources` (none: not known). None: as
/// above.
std::optional<std::vector<PolicyNote>> judge_own_name(const Name& ehlo, const std::vector<Address>& sources,
                                                      Answers& answers);

/// Whether a name looks made up from its address, as those of dynamic pools do: 10-2-0-192.pool.example.
bool looks_generic(const Name& name, const Address& address);

}  // namespace mxhealth::policy
