// Postfix 3.7 with default settings and a new message. It tries five addresses and no more than two sessions that got
// past EHLO and TLS (smtp_mx_session_limit), and names the failure of the last one it tried. A 5xx greeting reads as
// 4xx (smtp_skip_5xx_greeting); a hard answer to HELO, MAIL or RCPT bounces at once. Where an opportunistic handshake
// fails it moves on: in clear text it tries again only when the message is some minutes old.
#include <algorithm>

#include "forecast/sender.hpp"
#include "forecast/walk.hpp"

namespace mxhealth::forecast {
namespace {

bool failed_by(const RouteAddress& address, Cause cause) { return address.cause && address.cause->cause == cause; }

// "Protocol error": a reply of class 1 or 3 where 2, 4 or 5 is due is a hard failure.
bool is_wrong_class(const RouteAddress& address) {
  const int reply_class = address.reply_code / 100;
  return reply_class == 1 || reply_class == 3;
}

// Refused with 421 where TLS is not demanded: it goes on to MAIL, and finds the connection closed.
bool is_lost_behind_421(const RouteAddress& address) {
  const bool refused = failed_by(address, Cause::starttls_refused) ||
                       (failed_by(address, Cause::throttled) && address.ended_in == Phase::starttls);
  return refused && !demands_tls(address.policy) && address.reply_code == 421;
}

// Where it verifies, it leaves OpenSSL at its default level of security, which has no TLS before 1.2.
bool is_too_old(const RouteAddress& address) {
  return address.standing == Standing::good && address.policy == TlsPolicy::verified && address.old_tls;
}

// Clear text behind the reply to STARTTLS is thrown away before the handshake.
Try postfix_try(const RouteAddress& address) {
  Try one = try_of(address);
  if (failed_by(address, Cause::starttls_injection)) return {.at = &address, .outcome = Outcome::delivers};
  if (address.standing == Standing::impaired || is_too_old(address)) one.outcome = Outcome::moves_on;
  if (address.standing == Standing::failing && is_wrong_class(address)) one.outcome = Outcome::ends;
  one.is_session = one.is_session || is_lost_behind_421(address);
  return one;
}

Ending ending_of(const Try& one, double share) {
  if (one.outcome == Outcome::delivers) return delivered(share);
  if (is_wrong_class(*one.at)) return {DeliveryOutcome::bounce, "5.5.0", share};
  if (is_too_old(*one.at)) return {DeliveryOutcome::defer, "4.7.5", share};
  if (is_lost_behind_421(*one.at)) return {DeliveryOutcome::defer, "4.4.2", share};
  return one.outcome == Outcome::ends ? bounced(*one.at, share) : deferred(*one.at, share);
}

// It looks hosts up in the order of their preferences. A lookup that failed softly makes every failure soft; the last
// one is named, 4.4.3 for what may pass and x.4.4 for what does not exist.
Endings no_address(const Route& route) {
  const auto may_pass = [](const RouteHost& host) { return host.dns && host.dns->enhanced_status.starts_with('4'); };
  if (std::ranges::none_of(route.hosts, may_pass)) return {{DeliveryOutcome::bounce, "5.4.4"}};
  const auto last = route.hosts.back().preference;
  Endings endings;
  for (const RouteHost& host : route.hosts)
    if (host.preference == last) endings.push_back({DeliveryOutcome::defer, may_pass(host) ? "4.4.3" : "4.4.4"});
  return endings;
}

// Itself is the only host left: no primary is known where better ones have no address.
Endings loops(const Route& route, const Walk& walk) {
  if (walk.loop_at->preference != route.hosts.front().preference) return {{DeliveryOutcome::defer, "4.4.4"}};
  return {failed(*walk.loop)};
}

}  // namespace

Endings postfix_endings(const Route& route) {
  if (route.dns) return {failed(*route.dns)};
  const Walk walk = walk_of(route, kPostfixPatience, postfix_try);
  if (walk.tiers.empty()) return walk.loop ? loops(route, walk) : no_address(route);
  Endings endings;
  for (const Tier& tier : walk.tiers)
    for (const Try& one : tier) endings.push_back(ending_of(one, one.decides + one.last));
  return endings;
}

}  // namespace mxhealth::forecast
