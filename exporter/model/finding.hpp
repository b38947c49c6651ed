// What is odd about a server without keeping mail away: a closed list, each with the sentence that explains it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxhealth {

enum class Finding : std::uint8_t { auth_before_tls, greet_delay, tarpit, starttls_masked, helo_only };

struct FindingRow {
  Finding finding;
  std::string_view label;
  std::string_view sentence;
};

inline constexpr std::array<FindingRow, 5> kFindings{{
    {Finding::auth_before_tls, "auth_before_tls",
     "AUTH is offered before TLS: a client that takes the offer sends its password in clear text."},
    {Finding::greet_delay, "greet_delay", "The greeting takes 5 s or more: on purpose, or for slow lookups about us."},
    {Finding::tarpit, "tarpit", "A reply behind the greeting takes 5 s or more."},
    {Finding::starttls_masked, "starttls_masked",
     "A firewall in between overwrites STARTTLS: mail travels in clear text (RFC 3207 section 6)."},
    {Finding::helo_only, "helo_only", "The server knows no EHLO, and with it neither TLS nor sizes nor statuses."},
}};

constexpr const FindingRow& row(Finding finding) { return kFindings[static_cast<std::size_t>(finding)]; }
constexpr std::string_view label(Finding finding) { return row(finding).label; }

constexpr bool findings_are_in_order() {
  for (std::size_t i = 0; i < kFindings.size(); ++i)
    if (kFindings[i].finding != static_cast<Finding>(i)) return false;
  return true;
}
static_assert(findings_are_in_order());

}  // namespace mxhealth
