// What is to be known of a domain's SPF record (RFC 7208), for whoever runs the domain: is there one, can receivers use
// it, what does it cost, and does it let those send that are configured to. Pure.
#pragma once

#include <optional>
#include <vector>

#include "model/address.hpp"
#include "model/policy.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

/// `sending`: addresses that send for the domain. None: `answers` wants to know more first.
std::optional<PolicyFacts> judge_spf(const Name& domain, const std::vector<Address>& sending, Answers& answers);

}  // namespace mxhealth::policy
