// What happened in one SMTP session, written down as it happens, so that a run cut short still tells what it learnt.
// Facts only: no cause, no severity. diagnosis::cause_of reads it, metrics and pages show it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/errand.hpp"
#include "model/phase.hpp"
#include "model/tls_facts.hpp"
#include "model/transcript.hpp"

namespace mxhealth {

/// How a session ended.
enum class Ending : std::uint8_t {
  complete,              ///< all that was planned was said and answered
  refused_by_reply,      ///< the server's last reply was no success: `replies.back()` says what
  connect_failed,        ///< connect() failed with `error`
  peer_closed,           ///< end of file while we waited
  connection_error,      ///< reset or another error with `error` after connect
  timed_out,             ///< the step's or the session's deadline while we waited for the peer
  not_smtp,              ///< a reply outside RFC 5321 section 4.2
  reply_too_long,        ///< beyond kMaxReplyLine, kMaxReplyLines or kMaxReply
  bytes_after_starttls,  ///< clear text behind the 220 to STARTTLS
  tls_failed,            ///< the handshake failed; peer_closed and connection_error inside it stay those
  not_dialled,           ///< address policy: not public
  local_failure,         ///< `error` says which resource or policy of ours (EMFILE, EACCES, ...)
  stopped,               ///< we stopped it: drain, or time lost in a queue
};

/// Which clock measured a phase (design section 5).
enum class Clock : std::uint8_t { none, ours, kernel };

struct PhaseRun {
  bool begun = false;
  bool completed = false;
  Clock clock = Clock::none;
  Duration duration{0};  ///< of a completed phase
};

struct ReplyFact {
  Phase phase = Phase::banner;
  std::uint16_t code = 0;  ///< three digits as received
  std::string enhanced;    ///< "4.7.0" as received (RFC 3463), empty without one
  std::string text;        ///< first line, printable; never a label
};

struct Capabilities {
  bool esmtp = false;  ///< EHLO was accepted (else HELO)
  bool starttls = false;
  bool masked_starttls = false;  ///< a middlebox turned it into XXXX... (RFC 3207 section 6)
  bool pipelining = false;
  bool size = false;
  bool eight_bit_mime = false;
  bool smtputf8 = false;
  bool enhanced_status_codes = false;
  std::vector<std::string> auth;  ///< mechanisms, upper case, at most kMaxAuthMechanisms
};

/// What became of one envelope. No reply: the session ended before it came.
struct EnvelopeRun {
  Envelope envelope;
  std::optional<ReplyFact> mail;
  std::optional<ReplyFact> rcpt;  ///< only where MAIL was accepted
};

/// What became of a login.
struct AuthRun {
  std::string mechanism;           ///< empty: none was offered that we speak
  std::optional<ReplyFact> reply;  ///< the last; none: the session ended before it came
  bool unsound = false;  ///< a challenge without sense, or a server that could not show that it knows the password
};

struct SessionRun {
  Wall started{};
  Phase ended_in = Phase::connect;
  Ending ending = Ending::stopped;
  int error = 0;                ///< errno, where ending speaks of one
  bool total_deadline = false;  ///< timed_out by the session's total deadline rather than the step's
  std::array<PhaseRun, kPhaseCount> phases{};
  std::vector<ReplyFact> replies;     ///< final replies in order, those to RSET and QUIT left out
  std::optional<Capabilities> clear;  ///< what EHLO offered before TLS
  std::optional<Capabilities> secure;
  bool starttls_attempted = false;
  std::optional<ReplyFact> starttls_refusal;  ///< the reply, where STARTTLS was offered and refused
  std::optional<TlsFacts> tls;                ///< a finished handshake
  std::string tls_error;                      ///< OpenSSL's reason, printable
  std::optional<AuthRun> auth;                ///< a login that was begun, or could not be for lack of a mechanism
  std::vector<EnvelopeRun> envelopes;         ///< those begun, in the plan's order
  Transcript transcript;

  PhaseRun& at(Phase phase) { return phases[index(phase)]; }
  const PhaseRun& at(Phase phase) const { return phases[index(phase)]; }
};

}  // namespace mxhealth
