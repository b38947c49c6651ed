// SASL exchanges over SMTP (RFC 4954): SCRAM-SHA-256, PLAIN (RFC 4616) and LOGIN, as lines to say and challenges to
// answer. No I/O. What it says may hold a password: it goes to the socket and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/errand.hpp"
#include "model/name.hpp"
#include "model/session_run.hpp"
#include "smtp/scram.hpp"

namespace mxhealth::smtp {

inline constexpr std::size_t kMaxChallenge = 1024;  // characters of base64 that we look at; common are below 200
inline constexpr unsigned kMaxChallenges = 4;       // of one exchange; SCRAM needs two

/// To whom a password may be shown.
enum class Trust : std::uint8_t {
  encrypted,  ///< whoever speaks TLS: what the operator asked for by `starttls: required`
  verified,   ///< only a server whose chain is trusted and whose certificate holds its name
};

struct AuthPlan {
  Login login;
  Trust trust = Trust::verified;
  ServerName server;
  std::string nonce;  ///< printable, random, without a comma; for SCRAM
};

/// Never before TLS, whatever the plan says.
bool may_authenticate(const AuthPlan& plan, const SessionRun& run);

class AuthExchange {
 public:
  enum class Mechanism : std::uint8_t { scram_sha_256, plain, login };

  /// The strongest of those offered; nothing: none that we speak.
  static std::optional<Mechanism> choose(const std::vector<std::string>& offered);
  static std::string_view name(Mechanism);

  AuthExchange(Mechanism mechanism, const AuthPlan& plan);

  std::string opening() const;  ///< "AUTH PLAIN ..." without line end

  /// The answer to the text of a 334 reply; nothing: there is none, and the exchange is to be cancelled.
  std::optional<std::string> answer(std::string_view challenge);

  /// Whether a 235 may be believed now: SCRAM's server has to prove itself first.
  bool is_sound() const { return mechanism_ != Mechanism::scram_sha_256 || server_proved_; }

 private:
  std::optional<std::string> answer_login(std::string_view challenge);
  std::optional<std::string> answer_scram(const std::string& message);

  Mechanism mechanism_;
  Login login_;
  Scram scram_;
  unsigned challenges_ = 0;
  bool server_proved_ = false;
};

/// `text` of a peer with every occurrence of the password, plain or as it was sent, replaced by ***: a server may
/// repeat what it was told.
std::string without_secrets(std::string_view text, const Login& login);

}  // namespace mxhealth::smtp
