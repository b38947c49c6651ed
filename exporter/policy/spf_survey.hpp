// What an SPF record costs and where it leads, whoever asks: all its terms, through includes and redirect, as far as a
// receiver could have to go. Says what is wrong with them for everybody; who may send is told by check_host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/policy.hpp"
#include "policy/answers.hpp"

namespace mxhealth::policy {

inline constexpr std::size_t kMaxSpfRecordsRead = 50;  // of one survey; receivers stop at ten terms that ask

struct SpfSurvey {
  unsigned lookups = 0;      ///< terms that ask, in the worst case
  bool is_whole = true;      ///< false: something could not be looked up, or was left out, so there may be more
  std::string mode{"none"};  ///< what becomes of everybody else: fail, softfail, neutral, pass; none: not said
  std::vector<PolicyNote> notes{};
};

/// Of the one record of `domain`, which is `text`. None: not all is known yet.
std::optional<SpfSurvey> survey_spf(const Name& domain, const std::string& text, Answers& answers);

}  // namespace mxhealth::policy
