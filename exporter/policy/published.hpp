// What judgements of published records share: how a record is kept as text, and what is told when there is no answer.
#pragma once

#include <string>
#include <vector>

#include "model/policy.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

/// The texts that are meant, sorted so that DNS may turn them round, printable and cut to kMaxPolicyText.
std::string as_published(const std::vector<std::string>& texts, bool (*is_meant)(std::string_view));

/// Nothing is known of the policy, because `name` could not be looked up.
PolicyFacts not_looked_up(const Name& name, LookupEnd end);

}  // namespace mxhealth::policy
