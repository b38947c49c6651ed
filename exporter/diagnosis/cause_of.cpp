#include "diagnosis/cause_of.hpp"

#include <algorithm>
#include <cerrno>
#include <span>

#include "model/reply_code.hpp"

namespace mxhealth::diagnosis {
namespace {

using Found = std::optional<CauseFound>;

bool in_hello(Phase phase) { return phase == Phase::ehlo || phase == Phase::ehlo_tls; }

// --- What the operating system says to connect(). ETIMEDOUT is the kernel's own patience with SYNs.
// A firewall's "administratively prohibited" (RFC 4443 section 3.1) is EHOSTUNREACH over IPv4 and EACCES over IPv6.

struct ErrnoRow {
  int error;
  Cause cause;
};
constexpr ErrnoRow kErrnos[] = {
    {ECONNREFUSED, Cause::connect_refused},
    {ETIMEDOUT, Cause::connect_timeout},
    {EHOSTUNREACH, Cause::host_unreachable},
    {EHOSTDOWN, Cause::host_unreachable},
    {EACCES, Cause::host_unreachable},
    {ENETUNREACH, Cause::net_unreachable},
    {ENETDOWN, Cause::net_unreachable},
    {ECONNRESET, Cause::connect_reset},
    {ECONNABORTED, Cause::connect_reset},
    {EPIPE, Cause::connect_reset},
    {EPERM, Cause::local_policy},
    {EINVAL, Cause::local_policy},
    {EAFNOSUPPORT, Cause::local_policy},
    {EMFILE, Cause::local_resource},
    {ENFILE, Cause::local_resource},
    {ENOBUFS, Cause::local_resource},
    {ENOMEM, Cause::local_resource},
    {EADDRNOTAVAIL, Cause::local_resource},
    {EADDRINUSE, Cause::local_resource},
};

Cause errno_cause(int error) {
  const auto* at = std::ranges::find(kErrnos, error, &ErrnoRow::error);
  return at == std::end(kErrnos) ? Cause::internal : at->cause;
}

bool is_local(Cause cause) { return class_of(cause) == CauseClass::local; }

// --- Rules, each a sentence. The first that speaks wins.

Found stopped_by_us(const SessionRun& run, TlsPolicy) {
  if (run.ending == Ending::stopped) return found(Cause::probe_deadline);
  if (run.ending != Ending::local_failure) return {};
  const Cause cause = errno_cause(run.error);
  return found(is_local(cause) ? cause : Cause::local_policy);  // such as ENETUNREACH: no route of ours
}

Found not_dialled(const SessionRun& run, TlsPolicy) {
  return run.ending == Ending::not_dialled ? Found(found(Cause::mx_not_public)) : std::nullopt;
}

Found connect_failed(const SessionRun& run, TlsPolicy) {
  if (run.ending != Ending::connect_failed) return {};
  return found(errno_cause(run.error));
}

// Whatever breaks between ClientHello and Finished is a failed handshake: a server without a common version often just
// closes.
Found broke_in_handshake(const SessionRun& run, TlsPolicy) {
  if (run.ended_in != Phase::tls) return {};
  switch (run.ending) {
    case Ending::timed_out: return found(Cause::tls_timeout);
    case Ending::tls_failed:
    case Ending::peer_closed:
    case Ending::connection_error: return found(Cause::tls_handshake_failed);
    default: return {};
  }
}

Found timed_out(const SessionRun& run, TlsPolicy) {
  if (run.ending != Ending::timed_out) return {};
  if (run.ended_in == Phase::connect) return found(Cause::connect_timeout);
  return found(run.ended_in == Phase::banner ? Cause::banner_timeout : Cause::dialogue_timeout);
}

Found lost(const SessionRun& run, TlsPolicy) {
  const bool early = run.ended_in == Phase::connect || run.ended_in == Phase::banner;
  if (run.ending == Ending::peer_closed) return found(early ? Cause::closed_before_banner : Cause::connection_lost);
  if (run.ending == Ending::tls_failed) return found(Cause::connection_lost);  // broken records behind the handshake
  if (run.ending != Ending::connection_error) return {};
  const Cause cause = errno_cause(run.error);
  if (is_local(cause) && cause != Cause::internal) return found(cause);
  return found(early ? Cause::connect_reset : Cause::connection_lost);
}

Found unreadable(const SessionRun& run, TlsPolicy) {
  if (run.ending == Ending::not_smtp) return found(Cause::protocol_error);
  if (run.ending == Ending::reply_too_long) return found(Cause::reply_too_long);
  if (run.ending == Ending::bytes_after_starttls) return found(Cause::starttls_injection);
  return {};
}

// Said to STARTTLS it is about TLS, unless the server leaves.
Found throttled(const SessionRun& run, TlsPolicy) {
  if (run.ending != Ending::refused_by_reply || run.replies.empty()) return {};
  const ReplyFact& last = run.replies.back();
  if (run.starttls_refusal && last.code != 421) return {};
  return is_throttling(last) ? Found(found_in(Cause::throttled, last)) : std::nullopt;
}

Found refused(const SessionRun& run, TlsPolicy) {
  if (run.ending != Ending::refused_by_reply || run.replies.empty() || run.starttls_refusal) return {};
  const ReplyFact& last = run.replies.back();
  const int reply_class = last.code / 100;
  if (reply_class != 4 && reply_class != 5) return found(Cause::protocol_error);
  if (last.phase == Phase::banner)
    return found_in(reply_class == 4 ? Cause::banner_tempfail : Cause::banner_rejected, last);
  if (in_hello(last.phase)) return found_in(reply_class == 4 ? Cause::ehlo_tempfail : Cause::ehlo_rejected, last);
  return {};
}

// Without a demand for TLS a refusal costs nothing: a sender goes on in clear text (RFC 3207 section 4.1). Behind 421
// there is nobody left to go on with.
Found starttls_refused(const SessionRun& run, TlsPolicy policy) {
  if (!run.starttls_refusal) return {};
  const ReplyFact& said = *run.starttls_refusal;
  if (!demands_tls(policy) && said.code != 421) return {};
  return found_in(Cause::starttls_refused, said);
}

Found starttls_missing(const SessionRun& run, TlsPolicy policy) {
  const bool said_all = run.ending == Ending::complete || is_errand(run.ended_in);
  const bool over_clear_text = said_all && !run.tls && !run.starttls_attempted;
  return over_clear_text && demands_tls(policy) ? Found(found(Cause::starttls_missing)) : std::nullopt;
}

Found certificate(const SessionRun& run, TlsPolicy policy) {
  if (policy != TlsPolicy::verified || !run.tls) return {};
  if (!run.tls->chain) return found(Cause::cert_untrusted);  // an anonymous cipher
  switch (run.tls->chain->verdict) {
    case ChainVerdict::trusted: return {};
    case ChainVerdict::untrusted: return found(Cause::cert_untrusted);
    case ChainVerdict::expired: return found(Cause::cert_expired);
    case ChainVerdict::not_yet_valid: return found(Cause::cert_not_yet_valid);
  }
  return {};
}

// A name that the run was not asked about does not match: better a wrong alarm than a wrong peace.
Found certificate_name(const SessionRun& run, TlsPolicy policy, const ServerName& server) {
  if (policy != TlsPolicy::verified || !run.tls || !run.tls->chain) return {};
  const ServerName& wanted = server.is_root() ? run.tls->sni : server;
  const auto same = [&](const NameMatch& match) { return match.name == wanted && match.matches; };
  if (std::ranges::any_of(run.tls->chain->names, same)) return {};
  return found(Cause::cert_name_mismatch);
}

using Rule = Found (*)(const SessionRun&, TlsPolicy);
constexpr Rule kBreaks[] = {
    stopped_by_us, not_dialled, connect_failed, broke_in_handshake, timed_out, lost, unreadable,
};
constexpr Rule kRefusals[] = {throttled, refused};
constexpr Rule kTlsRules[] = {starttls_refused, starttls_missing, certificate};

Found first_of(std::span<const Rule> rules, const SessionRun& run, TlsPolicy policy) {
  for (const Rule rule : rules)
    if (Found cause = rule(run, policy)) return cause;
  return {};
}

}  // namespace

CauseFound found(Cause cause) {
  const CauseRow& r = row(cause);
  return {cause, std::string(r.enhanced_status), r.side};
}

CauseFound found_in(Cause cause, const ReplyFact& reply) {
  CauseFound result = found(cause);
  if (!reply.enhanced.empty())
    result.enhanced_status = enhanced_status_label(reply.enhanced);
  else if (result.enhanced_status.front() == 'X')
    result.enhanced_status.front() = static_cast<char>('0' + reply.code / 100);
  return result;
}

bool is_throttling(const ReplyFact& reply) {
  const bool code = reply.code == 421 || reply.code == 450 || reply.code == 451;
  return code && (reply.enhanced == "4.7.0" || reply.enhanced == "4.7.500");
}

bool answers(const SessionRun& run) { return run.clear.has_value() || run.secure.has_value(); }

bool has_no_route(const SessionRun& run) { return run.ending == Ending::local_failure && run.error == ENETUNREACH; }

std::optional<CauseFound> cause_of(const SessionRun& run, TlsPolicy policy, const ServerName& server) {
  if (!is_errand(run.ended_in)) {  // else EHLO has been answered, and what came behind it is no matter of the endpoint
    if (Found cause = broke_off(run)) return cause;
    if (Found cause = first_of(kRefusals, run, policy)) return cause;
  }
  if (Found cause = first_of(kTlsRules, run, policy)) return cause;
  return certificate_name(run, policy, server);
}

std::optional<CauseFound> broke_off(const SessionRun& run) { return first_of(kBreaks, run, TlsPolicy::opportunistic); }

}  // namespace mxhealth::diagnosis
