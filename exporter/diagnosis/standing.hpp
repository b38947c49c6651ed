// What an address's confirmed observation means for one target: a RouteAddress of its route.
#pragma once

#include "model/route.hpp"
#include "model/session_run.hpp"

namespace mxhealth::diagnosis {

/// `confirmed`: the run that `Confirmation` accepted last, or null (none yet, or its state is unknown). `latest`: the
/// last run of all; where it says no more than "later" (throttled, greylisted) only `now` tells of it.
RouteAddress standing(const Address& address, const SessionRun* confirmed, TlsPolicy policy, const ServerName& server,
                      const SessionRun* latest = nullptr);

/// What an errand showed last, once it counts.
struct ErrandResult {
  std::optional<CauseFound> cause;  ///< absent: all is well
  std::uint16_t reply_code = 0;     ///< of the reply that refused it; 0: none did
  std::string reply_status;         ///< as in RouteAddress
  friend bool operator==(const ErrandResult&, const ErrandResult&) = default;
};

/// The standing of an address whose server is also asked for an errand: a session that fails says it all; before the
/// first result of the errand the address might do anything. `latest`: what the errand met last, whether it counts or
/// not.
RouteAddress standing(RouteAddress by_session, const std::optional<ErrandResult>& errand,
                      const std::optional<ErrandResult>& latest = {});

/// The status of a reply as a label, X.0.0 where it has none.
std::string status_of(const ReplyFact&);

/// Why a host is neither looked up nor dialled: `localhost` is the sender itself, wherever it stands.
std::optional<CauseFound> never_dialled(const ServerName& server);

/// An address that is not dialled: `mx_loop` where a sender meets itself, `mx_not_public` elsewhere.
RouteAddress not_dialled(const Address& address);

}  // namespace mxhealth::diagnosis
