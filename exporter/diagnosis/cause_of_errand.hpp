// What a sender or a user would meet behind EHLO: the causes of envelopes, from the replies to MAIL and RCPT, and of
// logins. Pure rules.
#pragma once

#include <optional>

#include "diagnosis/standing.hpp"
#include "model/judgement.hpp"
#include "model/session_run.hpp"

namespace mxhealth::diagnosis {

/// Nothing: sender and recipient were accepted. `envelope` is one of the session's.
std::optional<CauseFound> cause_of(const EnvelopeRun& envelope, const SessionRun& session);

/// The same with the reply behind it.
ErrandResult result_of(const EnvelopeRun& envelope, const SessionRun& session);

/// Nothing: the login was accepted.
std::optional<CauseFound> cause_of(const AuthRun& auth, const SessionRun& session);
ErrandResult result_of(const AuthRun& auth, const SessionRun& session);

}  // namespace mxhealth::diagnosis
