// What is to be known of the DKIM keys that a domain signs with. DNS does not list them: the selectors are those that
// the configuration names, so a key that is not there is a broken one, not the lack of one. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/policy.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

/// None: `answers` wants to know more first. Without selectors nothing is known to be published.
std::optional<PolicyFacts> judge_dkim(const Name& domain, const std::vector<std::string>& selectors, Answers& answers);

}  // namespace mxhealth::policy
