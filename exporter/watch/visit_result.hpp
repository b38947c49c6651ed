// What somebody asks of a visit, and what it brings: values, so that who shows them needs nothing of who probes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "model/record.hpp"

namespace mxhealth::watch {

struct VisitWish {
  std::string target;
  std::string module;  ///< empty: what is configured
  Duration patience{};
};

/// What a visit has shown so far, as the exporter's own feed would say it.
struct VisitResult {
  DomainName target;
  Feed feed;               ///< of the target, its servers and their addresses; of nothing else
  bool cut_short = false;  ///< then roles without a verdict are undetermined, by `probe_deadline`
  Duration took{};
  Duration lookups_took{};  ///< of that
};

struct Refusal {
  enum class Why : std::uint8_t { malformed, unknown_module, not_allowed, busy, stopping };
  Why why = Why::malformed;
  std::string sentence;
};

using VisitAnswer = std::variant<VisitResult, Refusal>;
using VisitAnswered = std::function<void(VisitAnswer)>;

}  // namespace mxhealth::watch
