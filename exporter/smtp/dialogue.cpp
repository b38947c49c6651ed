#include "smtp/dialogue.hpp"

#include <algorithm>
#include <utility>

#include "smtp/capabilities.hpp"

namespace mxhealth::smtp {

TlsMode tls_mode(TlsPolicy policy) {
  switch (policy) {
    case TlsPolicy::opportunistic:
    case TlsPolicy::required:
    case TlsPolicy::verified: return TlsMode::if_offered;
    case TlsPolicy::implicit: return TlsMode::from_first_byte;
    case TlsPolicy::off: return TlsMode::never;
  }
  return TlsMode::if_offered;
}

Dialogue::Dialogue(DialoguePlan plan, SessionRun& run) : plan_(std::move(plan)), run_(run) {
  plan_.envelopes.resize(std::min(plan_.envelopes.size(), kMaxEnvelopes));
  run_.at(Phase::connect).begun = true;
  run_.ended_in = Phase::connect;
}

Step Dialogue::begin() {
  run_.at(Phase::connect).completed = true;
  if (plan_.tls == TlsMode::from_first_byte) {
    enter(Phase::tls, Awaiting::greeting);
    return StartHandshake{};
  }
  enter(Phase::banner, Awaiting::greeting);
  return AwaitGreeting{};
}

Step Dialogue::on_reply(const Reply& reply, bool bytes_behind) {
  const bool in_between = awaiting_ == Awaiting::rset || awaiting_ == Awaiting::cancel || is_challenge(reply);
  if (!in_between) run_.replies.push_back(told(reply));
  switch (awaiting_) {
    case Awaiting::greeting: return greeted(reply);
    case Awaiting::ehlo: return ehlo_answered(reply);
    case Awaiting::helo: return helo_answered(reply);
    case Awaiting::starttls: return starttls_answered(reply, bytes_behind);
    case Awaiting::auth: return is_challenge(reply) ? challenged(reply) : auth_answered(reply);
    case Awaiting::cancel: return auth_answered(reply);
    case Awaiting::mail: return mail_answered(reply);
    case Awaiting::rcpt: return rcpt_answered(reply);
    case Awaiting::rset: return rset_answered(reply);
  }
  return end(Ending::complete, true);
}

Step Dialogue::on_unreadable(ReplyReader::Status status) {
  return end(status == ReplyReader::Status::too_long ? Ending::reply_too_long : Ending::not_smtp, false);
}

Step Dialogue::on_handshake_done() {
  run_.at(Phase::tls).completed = true;
  secure_ = true;
  if (plan_.tls == TlsMode::if_offered) return say(Phase::ehlo_tls, Awaiting::ehlo, "EHLO " + plan_.ehlo_name);
  enter(Phase::banner, Awaiting::greeting);
  return AwaitGreeting{};
}

Step Dialogue::failed(Ending ending, int error) {
  run_.error = error;
  return end(ending, false);
}

// Any 2xx is a welcome, as senders see it (RFC 5321 section 4.3.2 has only 220).
Step Dialogue::greeted(const Reply& reply) {
  run_.at(Phase::banner).completed = true;
  if (reply.code_class() != 2) return end(Ending::refused_by_reply, true);
  return say(Phase::ehlo, Awaiting::ehlo, "EHLO " + plan_.ehlo_name);
}

// As Postfix: whatever is no success leads to HELO, but for 421, behind which the server is gone.
Step Dialogue::ehlo_answered(const Reply& reply) {
  if (reply.code_class() == 2) return hello_done(read_capabilities(reply));
  if (reply.code != 421) return say(phase_, Awaiting::helo, "HELO " + plan_.ehlo_name);
  run_.at(phase_).completed = true;
  return end(Ending::refused_by_reply, true);
}

Step Dialogue::helo_answered(const Reply& reply) {
  if (reply.code_class() == 2) return hello_done(Capabilities{});
  run_.at(phase_).completed = true;
  return end(Ending::refused_by_reply, true);
}

// RFC 3207 section 4.2: what was offered before TLS counts for nothing behind it.
Step Dialogue::hello_done(Capabilities offers) {
  run_.at(phase_).completed = true;
  const bool start_tls = !secure_ && plan_.tls == TlsMode::if_offered && offers.starttls;
  (secure_ ? run_.secure : run_.clear) = std::move(offers);
  if (start_tls) {
    run_.starttls_attempted = true;
    return say(Phase::starttls, Awaiting::starttls, "STARTTLS");
  }
  if (plan_.auth && may_authenticate(*plan_.auth, run_)) return authenticate(*plan_.auth);
  return next_envelope();
}

Step Dialogue::starttls_answered(const Reply& reply, bool bytes_behind) {
  run_.at(Phase::starttls).completed = true;
  if (reply.code_class() != 2) {
    run_.starttls_refusal = told(reply);
    // An opportunistic sender goes on in clear text (RFC 3207 section 4.1), and so do its errands.
    if (reply.code != 421 && !plan_.envelopes.empty()) return next_envelope();
    return end(Ending::refused_by_reply, true);
  }
  if (bytes_behind) return end(Ending::bytes_after_starttls, false);
  enter(Phase::tls, Awaiting::greeting);
  return StartHandshake{};
}

// --- The login. Only TLS's own EHLO tells which mechanisms there are (RFC 3207 section 4.2).

Step Dialogue::authenticate(const AuthPlan& plan) {
  run_.auth.emplace();
  const auto mechanism = AuthExchange::choose(run_.secure->auth);
  if (!mechanism) return next_envelope();
  run_.auth->mechanism = AuthExchange::name(*mechanism);
  exchange_.emplace(*mechanism, plan);
  enter(Phase::auth, Awaiting::auth);
  return Send{exchange_->opening() + "\r\n", "AUTH " + run_.auth->mechanism + " ***"};
}

bool Dialogue::is_challenge(const Reply& reply) const { return awaiting_ == Awaiting::auth && reply.code == 334; }

Step Dialogue::challenged(const Reply& reply) {
  const auto answer = exchange_->answer(reply.first_line());
  if (answer) return Send{*answer + "\r\n", "***"};
  run_.auth->unsound = true;
  return say(Phase::auth, Awaiting::cancel, "*");  // RFC 4954 section 4
}

Step Dialogue::auth_answered(const Reply& reply) {
  run_.at(Phase::auth).completed = true;
  run_.auth->reply = told(reply);
  if (reply.code_class() == 2 && !exchange_->is_sound()) run_.auth->unsound = true;
  if (reply.code == 421) return end(Ending::refused_by_reply, true);
  return next_envelope();
}

// --- Envelopes. A refusal is what was asked for: it ends its envelope, not the session. Only 421 does that.

Step Dialogue::next_envelope() {
  if (run_.envelopes.size() >= plan_.envelopes.size()) return end(Ending::complete, true);
  const Envelope& next = plan_.envelopes[run_.envelopes.size()];
  run_.envelopes.push_back({next, {}, {}});
  return say(Phase::mail, Awaiting::mail, "MAIL FROM:<" + next.from + ">");
}

Step Dialogue::mail_answered(const Reply& reply) {
  run_.at(Phase::mail).completed = true;
  run_.envelopes.back().mail = told(reply);
  if (reply.code == 421) return end(Ending::refused_by_reply, true);
  if (reply.code_class() != 2) return say(phase_, Awaiting::rset, "RSET");
  return say(Phase::rcpt, Awaiting::rcpt, "RCPT TO:<" + run_.envelopes.back().envelope.to + ">");
}

Step Dialogue::rcpt_answered(const Reply& reply) {
  run_.at(Phase::rcpt).completed = true;
  run_.envelopes.back().rcpt = told(reply);
  if (reply.code == 421) return end(Ending::refused_by_reply, true);
  return say(phase_, Awaiting::rset, "RSET");
}

// Where RSET does not help, a further envelope would lie inside this one.
Step Dialogue::rset_answered(const Reply& reply) {
  return reply.code_class() == 2 ? next_envelope() : end(Ending::complete, true);
}

Step Dialogue::say(Phase phase, Awaiting awaiting, std::string_view words) {
  enter(phase, awaiting);
  return Send{std::string(words) + "\r\n"};
}

void Dialogue::enter(Phase phase, Awaiting awaiting) {
  phase_ = phase;
  awaiting_ = awaiting;
  run_.ended_in = phase;
  run_.at(phase).begun = true;
}

// What a server repeats of a password is not kept.
ReplyFact Dialogue::told(const Reply& reply) const {
  ReplyFact kept = fact(reply, phase_);
  if (plan_.auth) kept.text = printable(without_secrets(reply.first_line(), plan_.auth->login));
  return kept;
}

Step Dialogue::end(Ending ending, bool quit) {
  run_.ending = ending;
  run_.ended_in = phase_;
  return Finish{quit};
}

}  // namespace mxhealth::smtp
