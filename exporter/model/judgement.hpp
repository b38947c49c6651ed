// The verdict about a domain and a role, what it was reached from, and what senders would do meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Senders whose conduct is modelled.
enum class Sender : std::uint8_t { postfix, exim };
inline constexpr std::array<std::string_view, 2> kSenderLabels{"postfix", "exim"};
constexpr std::string_view label(Sender sender) { return kSenderLabels[static_cast<std::size_t>(sender)]; }

enum class DeliveryOutcome : std::uint8_t { deliver, defer, bounce };  // from good to bad
inline constexpr std::array<std::string_view, 3> kOutcomeLabels{"deliver", "defer", "bounce"};
constexpr std::string_view label(DeliveryOutcome outcome) { return kOutcomeLabels[static_cast<std::size_t>(outcome)]; }

/// What a sender that tries right now would do with a message, and the status it would log.
struct Forecast {
  Sender sender = Sender::postfix;
  DeliveryOutcome outcome = DeliveryOutcome::defer;
  std::string enhanced_status;  ///< as CauseFound's; 2.0.0 where it delivers
  friend bool operator==(const Forecast&, const Forecast&) = default;
};

struct Judgement {
  Verdict verdict = Verdict::undetermined;
  std::optional<CauseFound> cause;             ///< absent when ok
  std::optional<double> deferral_probability;  ///< role mx: the share of orders that do not deliver; none: not known
  std::vector<Forecast> forecasts;             ///< none of a sender whose conduct depends on what we do not know
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
