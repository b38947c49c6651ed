#include "diagnosis/standing.hpp"

#include "diagnosis/cause_of.hpp"
#include "model/reply_code.hpp"

namespace mxhealth::diagnosis {

namespace {

// What the reply said in so many words, for senders log that; and whether Postfix had a session by then.
void quote(const SessionRun& run, CauseClass what, RouteAddress& into) {
  into.ended_in = run.ended_in;
  into.past_hello = what != CauseClass::tls && (run.ended_in == Phase::mail || run.ended_in == Phase::rcpt);
  const bool ended_by_reply = run.ending == Ending::refused_by_reply && !run.replies.empty();
  if (!run.starttls_refusal && !ended_by_reply) return;
  const ReplyFact& reply = run.starttls_refusal ? *run.starttls_refusal : run.replies.back();
  into.reply_code = reply.code;
  into.reply_status = status_of(reply);
}

void quote(const ErrandResult& errand, RouteAddress& into) {
  into.past_hello = true;
  into.reply_code = errand.reply_code;
  into.reply_status = errand.reply_status;
}

bool asks_for_patience(const std::optional<CauseFound>& cause) {
  return cause && (cause->cause == Cause::throttled || cause->cause == Cause::greylisted);
}

RouteAddress confirmed_standing(const Address& address, const SessionRun* confirmed, TlsPolicy policy,
                                const ServerName& server) {
  RouteAddress result;
  result.address = address;
  result.policy = policy;
  if (confirmed == nullptr) return result;
  result.old_tls = confirmed->tls && (confirmed->tls->version == "TLSv1" || confirmed->tls->version == "TLSv1.1");
  result.cause = cause_of(*confirmed, policy, server);
  if (!result.cause) {
    result.standing = Standing::good;
    return result;
  }
  const CauseClass what = class_of(result.cause->cause);
  if (what == CauseClass::local) return result;
  // Behind a 421 to STARTTLS nobody is left to go on with in clear text.
  const bool only_tls =
      policy == TlsPolicy::opportunistic && what == CauseClass::tls && result.cause->cause != Cause::starttls_refused;
  result.standing = only_tls ? Standing::impaired : Standing::failing;
  quote(*confirmed, what, result);
  return result;
}

}  // namespace

RouteAddress standing(const Address& address, const SessionRun* confirmed, TlsPolicy policy, const ServerName& server,
                      const SessionRun* latest) {
  RouteAddress result = confirmed_standing(address, confirmed, policy, server);
  if (latest == nullptr || latest == confirmed) return result;
  const auto now = cause_of(*latest, policy, server);
  if (!asks_for_patience(now)) return result;
  result.now = now;
  quote(*latest, class_of(now->cause), result);
  return result;
}

RouteAddress standing(RouteAddress by_session, const std::optional<ErrandResult>& errand,
                      const std::optional<ErrandResult>& latest) {
  const bool delivers = by_session.standing == Standing::good || by_session.standing == Standing::impaired;
  if (!delivers || by_session.now) return by_session;
  if (!errand) {
    if (by_session.standing == Standing::good) by_session.standing = Standing::unknown;
    return by_session;
  }
  if (errand->cause) {
    by_session.standing = Standing::failing;
    by_session.cause = errand->cause;
    quote(*errand, by_session);
  }
  if (latest && latest != errand && asks_for_patience(latest->cause)) {
    by_session.now = latest->cause;
    quote(*latest, by_session);
  }
  return by_session;
}

std::string status_of(const ReplyFact& reply) {
  return reply.enhanced.empty() ? std::to_string(reply.code / 100) + ".0.0" : enhanced_status_label(reply.enhanced);
}

std::optional<CauseFound> never_dialled(const ServerName& server) {
  if (server.view() != "localhost") return std::nullopt;
  return found(Cause::mx_loop);
}

RouteAddress not_dialled(const Address& address) {
  const Cause cause = address.is_this_host() ? Cause::mx_loop : Cause::mx_not_public;
  RouteAddress result;
  result.address = address;
  result.standing = Standing::failing;
  result.cause = found(cause);
  return result;
}

}  // namespace mxhealth::diagnosis
