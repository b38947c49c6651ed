#include "smtp/auth.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "smtp/base64.hpp"

namespace mxhealth::smtp {
namespace {

using Mechanism = AuthExchange::Mechanism;

constexpr std::array<std::pair<Mechanism, std::string_view>, 3> kStrongestFirst{{
    {Mechanism::scram_sha_256, "SCRAM-SHA-256"},
    {Mechanism::plain, "PLAIN"},
    {Mechanism::login, "LOGIN"},
}};

// RFC 4616: authorisation as oneself, then name and password.
std::string plain_message(const Login& login) {
  using namespace std::string_literals;
  return "\0"s + login.user + "\0"s + login.password.reveal();
}

bool is_verified(const SessionRun& run, const ServerName& server) {
  if (!run.tls || !run.tls->chain || run.tls->chain->verdict != ChainVerdict::trusted) return false;
  return std::ranges::any_of(run.tls->chain->names,
                             [&](const NameMatch& match) { return match.name == server && match.matches; });
}

// Padding goes with its text, and may be left out.
void replace_all(std::string& text, std::string secret) {
  while (secret.ends_with('=')) secret.pop_back();
  if (secret.empty()) return;
  constexpr std::string_view kHidden = "***";
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kHidden.size())) {
    const std::size_t end = std::min(text.find_first_not_of('=', at + secret.size()), text.size());
    text.replace(at, end - at, kHidden);
  }
}

}  // namespace

bool may_authenticate(const AuthPlan& plan, const SessionRun& run) {
  if (!run.secure || !run.tls) return false;
  return plan.trust == Trust::encrypted || is_verified(run, plan.server);
}

std::optional<Mechanism> AuthExchange::choose(const std::vector<std::string>& offered) {
  for (const auto& [mechanism, name] : kStrongestFirst)
    if (std::ranges::find(offered, name) != offered.end()) return mechanism;
  return std::nullopt;
}

std::string_view AuthExchange::name(Mechanism mechanism) {
  return std::ranges::find(kStrongestFirst, mechanism, &std::pair<Mechanism, std::string_view>::first)->second;
}

AuthExchange::AuthExchange(Mechanism mechanism, const AuthPlan& plan)
    : mechanism_(mechanism), login_(plan.login), scram_(plan.login, plan.nonce) {}

std::string AuthExchange::opening() const {
  std::string line = "AUTH " + std::string(name(mechanism_));
  switch (mechanism_) {
    case Mechanism::plain: return line + " " + to_base64(plain_message(login_));
    case Mechanism::scram_sha_256: return line + " " + to_base64(scram_.client_first());
    case Mechanism::login: return line;
  }
  return line;
}

std::optional<std::string> AuthExchange::answer(std::string_view challenge) {
  ++challenges_;
  if (challenge.size() > kMaxChallenge || challenges_ > kMaxChallenges) return std::nullopt;
  switch (mechanism_) {
    case Mechanism::plain: return std::nullopt;  // everything has been said
    case Mechanism::login: return answer_login(challenge);
    case Mechanism::scram_sha_256: break;
  }
  const auto message = from_base64(challenge);
  return message ? answer_scram(*message) : std::nullopt;
}

// Name, then password; the prompts' words differ from server to server and are not looked at.
std::optional<std::string> AuthExchange::answer_login(std::string_view) {
  if (challenges_ == 1) return to_base64(login_.user);
  if (challenges_ == 2) return to_base64(login_.password.reveal());
  return std::nullopt;
}

// The server's last message comes as a challenge of its own, which an empty line answers (RFC 4954 section 4).
std::optional<std::string> AuthExchange::answer_scram(const std::string& message) {
  if (challenges_ == 1) {
    const auto final = scram_.client_final(message);
    return final ? std::optional(to_base64(*final)) : std::nullopt;
  }
  if (challenges_ > 2 || !scram_.verify(message)) return std::nullopt;
  server_proved_ = true;
  return "";
}

std::string without_secrets(std::string_view text, const Login& login) {
  std::string shown(text);
  replace_all(shown, to_base64(plain_message(login)));
  replace_all(shown, to_base64(login.password.reveal()));
  replace_all(shown, login.password.reveal());
  return shown;
}

}  // namespace mxhealth::smtp
