// What an address's confirmed observation means for one target: a RouteAddress of its route.
#pragma once

#include "model/route.hpp"
#include "model/session_run.hpp"

namespace mxhealth::diagnosis {

/// `confirmed`: the run that `Confirmation` accepted last, or null (none yet, or its state is unknown). `latest`: the
/// last run of all; where it says no more than "later" (throttled, greylisted) only `now` tells of it.
RouteAddress standing(const Address& address, const SessionRun* confirmed, TlsPolicy policy, const ServerName& server,
                      const SessionRun* latest = nullptr);

/// Why a host is neither looked up nor dialled: `localhost` is the sender itself, wherever it stands.
std::optional<CauseFound> never_dialled(const ServerName& server);

/// An address that is not dialled: `mx_loop` where a sender meets itself, `mx_not_public` elsewhere.
RouteAddress not_dialled(const Address& address);

}  // namespace mxhealth::diagnosis
