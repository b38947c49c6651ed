// BIMI: the logo that mail clients show beside a domain's mail (draft-brand-indicators-for-message-identification).
// Judges the record and the DMARC policy that it needs; the logo itself is not fetched. Pure.
#pragma once

#include <optional>

#include "model/policy.hpp"
#include "policy/answers.hpp"
#include "policy/dmarc.hpp"

namespace mxhealth::policy {

/// None: `answers` wants to know more first.
std::optional<PolicyFacts> judge_bimi(const Name& domain, RegisteredDomain, Answers& answers);

}  // namespace mxhealth::policy
