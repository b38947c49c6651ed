// Macros in SPF records, as far as their form goes (RFC 7208 section 7.1). Nothing is expanded here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mxhealth::policy {

/// c, r and t mean something only in the text that an `exp` leads to (section 7.2).
enum class MacroLetters : std::uint8_t { of_domains, of_explanations };

/// What is wrong with a macro-string, if anything is.
std::optional<std::string> fault_of_macros(std::string_view text, MacroLetters);

/// What is wrong with a domain-spec: a macro-string that ends in a top label or in a macro.
std::optional<std::string> fault_of_domain(std::string_view text);

}  // namespace mxhealth::policy
