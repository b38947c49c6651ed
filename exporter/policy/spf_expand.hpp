// Macros of SPF records replaced by what they stand for (RFC 7208 section 7.2 and 7.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/answers.hpp"
#include "policy/spf_check.hpp"

namespace mxhealth::policy {

/// What a macro can stand for, at the record of `domain`.
struct MacroValues {
  const SpfQuery& query;
  std::string_view domain;
};

/// `text` has no faults (policy/spf_macros.hpp). None: %{p} wants to know more from `answers`.
std::optional<std::string> expand_macros(std::string_view text, const MacroValues&, Answers& answers);

/// As a name to ask for, cut from the left to 253 octets; the root where nobody can have such a name.
std::optional<Name> expand_domain(std::string_view text, const MacroValues&, Answers& answers);

/// The names of an address that have that address (section 5.5), at most kMaxSpfNames. None: not known yet.
std::optional<std::vector<Name>> validated_names(const Address&, Answers& answers);

bool is_at_or_below(const Name& name, const Name& domain);

}  // namespace mxhealth::policy
