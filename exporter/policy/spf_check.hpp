// What a receiver makes of one message's sender: check_host of RFC 7208 section 4, whole, with macros and limits.
// Pure, over what DNS said so far (policy/answers.hpp). It judges one address and one sender; what is wrong with a
// record for everybody is told by policy/spf_survey.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/address.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

inline constexpr unsigned kMaxSpfLookups = 10;       // terms that ask (section 4.6.4)
inline constexpr unsigned kMaxSpfVoids = 2;          // of them, terms that are answered by nothing
inline constexpr std::size_t kMaxSpfNames = 10;      // MX or PTR names of one term
inline constexpr std::size_t kMaxExplanation = 500;  // octets kept

enum class SpfResult : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view label(SpfResult);

struct SpfQuery {
  Address ip;
  std::string domain;          ///< whose record is asked; the sender's domain, or the EHLO name
  std::string sender{};        ///< an address; without a local part, postmaster (section 4.3)
  std::string helo{};          ///< for %{h}; empty: the domain
  std::string receiver{};      ///< for %{r}; empty: "unknown"
  std::chrono::seconds now{};  ///< for %{t}, since 1970
};

struct SpfOutcome {
  SpfResult result = SpfResult::none;
  std::string why{};          ///< the term that decided, or what is wrong; printable
  std::string explanation{};  ///< of the domain, for `fail` (section 6.2); printable, may be empty
  unsigned lookups = 0;       ///< terms that asked, up to the decision
  unsigned voids = 0;
};

/// None: tell `answers` what it wants, and check again.
std::optional<SpfOutcome> check_host(const SpfQuery&, Answers& answers);

}  // namespace mxhealth::policy
