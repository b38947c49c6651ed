// One SMTP session as a machine without I/O: it is told what came and answers what to do next, as Postfix would talk.
// It writes what it learns into the run: endings, replies, capabilities, which phase was begun and completed. The
// driver owns bytes, deadlines and clocks, and fills durations, TLS facts and the transcript. TLS is tried wherever it
// is offered and the plan allows it; what its absence or failure means is diagnosis' business. Behind the last EHLO
// come the errands of the plan: a login, never before TLS; envelopes, each ended by RSET. DATA is never said.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/phase.hpp"
#include "model/session_run.hpp"
#include "smtp/auth.hpp"
#include "smtp/reply.hpp"

namespace mxhealth::smtp {

/// How TLS comes into the session. Verification is no part of it: chains are recorded, never enforced.
enum class TlsMode : std::uint8_t { if_offered, from_first_byte, never };
TlsMode tls_mode(TlsPolicy);

inline constexpr std::size_t kMaxEnvelopes = 10;  // of one session; more are left out

struct DialoguePlan {
  TlsMode tls = TlsMode::if_offered;
  std::string ehlo_name;
  std::vector<Envelope> envelopes = {};
  std::optional<AuthPlan> auth = {};
};

struct AwaitGreeting {};  ///< say nothing; the next event is the banner
struct Send {             ///< send `line` (CRLF included), then await the reply
  std::string line;
  std::string shown = {};  ///< for transcripts, where `line` holds a secret; else empty
};
struct StartHandshake {};  ///< nothing was received behind the go-ahead: start TLS now
struct Finish {            ///< the run is complete; `quit`: send kQuit and wait shortly for 221, else just close
  bool quit = false;
};
using Step = std::variant<AwaitGreeting, Send, StartHandshake, Finish>;

inline constexpr std::string_view kQuit = "QUIT\r\n";

class Dialogue {
 public:
  /// `run` must outlive the dialogue. TCP is connected; connect's own failure goes to `failed` as well.
  Dialogue(DialoguePlan plan, SessionRun& run);

  Step begin();                                    ///< connected
  Step on_reply(const Reply&, bool bytes_behind);  ///< `bytes_behind`: reader.pending() is not empty
  Step on_unreadable(ReplyReader::Status);         ///< not_smtp or too_long
  Step on_handshake_done();
  Step failed(Ending, int error = 0);  ///< peer_closed, connection_error, timed_out, tls_failed, stopped, ...

  /// The phase we are in: what is timed, and whose timeout runs. HELO after a refused EHLO stays in EHLO's phase.
  Phase phase() const { return phase_; }

 private:
  enum class Awaiting : std::uint8_t { greeting, ehlo, helo, starttls, auth, cancel, mail, rcpt, rset };

  void enter(Phase phase, Awaiting awaiting);
  Step say(Phase phase, Awaiting awaiting, std::string_view words);
  Step greeted(const Reply&);
  Step ehlo_answered(const Reply&);
  Step helo_answered(const Reply&);
  Step starttls_answered(const Reply&, bool bytes_behind);
  Step hello_done(Capabilities);
  Step authenticate(const AuthPlan& plan);
  bool is_challenge(const Reply&) const;
  Step challenged(const Reply&);
  Step auth_answered(const Reply&);
  Step next_envelope();
  Step mail_answered(const Reply&);
  Step rcpt_answered(const Reply&);
  Step rset_answered(const Reply&);
  Step end(Ending, bool quit);
  ReplyFact told(const Reply&) const;

  DialoguePlan plan_;
  SessionRun& run_;
  Phase phase_ = Phase::connect;
  Awaiting awaiting_ = Awaiting::greeting;
  bool secure_ = false;
  std::optional<AuthExchange> exchange_;
};

}  // namespace mxhealth::smtp
