// A domain's verdict from its route, whatever the order in which equal preferences are tried (design section 2).
// The walk is Postfix's: hosts without addresses are dropped, then at most five addresses by preference; a refusal of
// HELO, sender or recipient ends it, any other failure moves on. Pure.
#pragma once

#include "model/judgement.hpp"
#include "model/route.hpp"

namespace mxhealth::forecast {

/// Without forecasts: those are forecast.hpp's.
Judgement judge(const Route&);

/// Role submission: ok if every host is, degraded if some, else as for a domain. Each host and port is a host here.
Judgement judge_submission(const Route&);

/// The share of orders in which a sender does not deliver; unknown addresses count as failing. 0 for no_mail.
double deferral_probability(const Route&);

}  // namespace mxhealth::forecast
