// The phases of a probe in their order, as `phase` label, as timing and as the place where a session ended.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mxhealth {

enum class Phase : std::uint8_t { dns, connect, banner, ehlo, starttls, tls, ehlo_tls, auth, mail, rcpt, quit };

inline constexpr std::array<std::string_view, 11> kPhaseLabels{
    "dns", "connect", "banner", "ehlo", "starttls", "tls", "ehlo_tls", "auth", "mail", "rcpt", "quit"};
inline constexpr std::size_t kPhaseCount = kPhaseLabels.size();

constexpr std::string_view label(Phase phase) { return kPhaseLabels[static_cast<std::size_t>(phase)]; }
/// Behind EHLO, where only what the operator asked for on top of it happens: the endpoint has answered already.
constexpr bool is_errand(Phase phase) { return phase == Phase::auth || phase == Phase::mail || phase == Phase::rcpt; }
constexpr std::size_t index(Phase phase) { return static_cast<std::size_t>(phase); }

enum class Role : std::uint8_t { mx, submission };
constexpr std::string_view label(Role role) { return role == Role::mx ? "mx" : "submission"; }

/// How TLS is asked for and what its failure means (design section 7). `implicit`: TLS from the first byte (RFC 8314).
enum class TlsPolicy : std::uint8_t { opportunistic, required, verified, implicit, off };
/// Then nobody goes on in clear text.
constexpr bool demands_tls(TlsPolicy policy) {
  return policy == TlsPolicy::required || policy == TlsPolicy::verified || policy == TlsPolicy::implicit;
}

}  // namespace mxhealth
