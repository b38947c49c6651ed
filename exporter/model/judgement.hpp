// The verdict about a domain and a role, and what it was reached from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/cause.hpp"
#include "model/phase.hpp"

namespace mxhealth {

enum class Verdict : std::uint8_t { ok, degraded, at_risk, unreachable, tempfail, rejecting, no_mail, undetermined };

inline constexpr std::array<std::string_view, 8> kVerdictLabels{"ok",       "degraded",  "at_risk", "unreachable",
                                                                "tempfail", "rejecting", "no_mail", "undetermined"};
constexpr std::string_view label(Verdict verdict) { return kVerdictLabels[static_cast<std::size_t>(verdict)]; }

/// A cause with the enhanced status that goes with it here: the server's own where it said one.
struct CauseFound {
  Cause cause = Cause::internal;
  std::string enhanced_status;  ///< [245].S.D of RFC 5248's registry, X.0.0, or "other"
  Side side = Side::unknown;
  friend bool operator==(const CauseFound&, const CauseFound&) = default;
};

struct Judgement {
  Verdict verdict = Verdict::undetermined;
  std::optional<CauseFound> cause;  ///< absent when ok
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// 1 for ok, degraded and at_risk; 0 where no order delivers; nothing for no_mail and undetermined.
constexpr std::optional<bool> reachable(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
    case Verdict::degraded:
    case Verdict::at_risk: return true;
    case Verdict::unreachable:
    case Verdict::tempfail:
    case Verdict::rejecting: return false;
    case Verdict::no_mail:
    case Verdict::undetermined: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace mxhealth
