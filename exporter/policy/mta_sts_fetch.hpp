// Why a policy could not be fetched, in one sentence for whoever runs the policy host (RFC 8461 section 3.3).
#pragma once

#include <optional>
#include <string>

#include "model/https_facts.hpp"
#include "model/name.hpp"

namespace mxhealth::policy {

struct FetchFault {
  std::string sentence;
  bool for_now = false;  ///< silence, or our own fault: nothing is learnt of the policy
};

/// Empty: the policy was served, whatever it says.
std::optional<FetchFault> fault_of_fetch(const HttpsFacts& fetch, const ServerName& host);

}  // namespace mxhealth::policy
