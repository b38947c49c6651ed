// From facts to a cause: small pure rules, asked in order, the first that speaks wins. No clock, no I/O.
// A session is judged under the TLS policy of whoever asks: one observation serves many targets.
#pragma once

#include <optional>

#include "model/dns_facts.hpp"
#include "model/judgement.hpp"
#include "model/phase.hpp"
#include "model/session_run.hpp"

namespace mxhealth::diagnosis {

/// EHLO (or HELO, where EHLO is not known) was accepted: what `endpoint_up` and `address_up` say.
bool answers(const SessionRun&);

/// We have no route there, as in a family this host lacks: nothing was tried, so nothing is known.
bool has_no_route(const SessionRun&);

/// Nothing: all is well under this policy. Under `opportunistic` a failed handshake is told too, though `answers` is
/// true: such an address delivers, but is not ok. `server`: the name whose certificate is demanded under `verified`;
/// empty: the name sent as SNI. What happened behind EHLO is cause_of_errand's.
std::optional<CauseFound> cause_of(const SessionRun&, TlsPolicy, const ServerName& server = {});

/// Why a question brought nothing usable; nothing when it brought records.
std::optional<CauseFound> cause_of(const LookupFacts&);
/// Why a domain has no mail hosts; nothing when it has some.
std::optional<CauseFound> cause_of(const MxFacts&);
/// Why a host has no address; a soft failure outranks a hard one, as Postfix has it.
std::optional<CauseFound> cause_of(const HostFacts&);
/// The same for a host of this set: the domain itself where there is no MX (RFC 5321 section 5.1) has its own causes.
std::optional<CauseFound> cause_of(const MxFacts&, const HostFacts&);

/// Why a conversation broke off, wherever that was; nothing where a reply was the end of it.
std::optional<CauseFound> broke_off(const SessionRun&);

/// A cause as its row tells it, for where no reply was involved.
CauseFound found(Cause);

/// The same with the server's own status where it said one; of a row's X.0.0 the X is the class of the reply (RFC 3463
/// section 3.1).
CauseFound found_in(Cause, const ReplyFact&);

/// "Come back later" about the client, not the mail: 4.7.0 of Postfix' anvil and Google, 4.7.500 of Microsoft.
bool is_throttling(const ReplyFact&);

}  // namespace mxhealth::diagnosis
