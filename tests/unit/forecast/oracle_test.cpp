// Verdict and forecasts against real senders: every scenario is played through dialogue, causes and standings, as a
// probe would see it, and compared with what Postfix and Exim did, and with what Postfix logged.
#include "forecast/oracle.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <set>
#include <sstream>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/runs.hpp"
#include "diagnosis/standing.hpp"
#include "forecast/forecast.hpp"
#include "forecast/verdict.hpp"

namespace mxhealth::forecast {
namespace {

using namespace mxhealth::testing;

const ServerName kServer = *ServerName::parse("mx.lab.test");
const ServerName kLiteral = *ServerName::parse("127.50.0.32");
constexpr TlsPolicy kPolicies[] = {TlsPolicy::opportunistic, TlsPolicy::required, TlsPolicy::verified};

SessionRun over_tls(ChainVerdict verdict, bool matches) {
  return played({kGreeting, kTlsEhlo, kGoAhead, kPlainEhlo}, {}, tls_facts(verdict, kServer.view(), matches));
}

std::map<std::string, SessionRun> behaviours() {
  const End timeout{Ending::timed_out}, eof{Ending::peer_closed};
  std::map<std::string, SessionRun> all{
      {"ok", played({kGreeting, kPlainEhlo})},
      {"tls_ok", over_tls(ChainVerdict::trusted, true)},
      {"tls_selfsigned", over_tls(ChainVerdict::untrusted, true)},
      {"tls_expired", over_tls(ChainVerdict::expired, true)},
      {"tls_wrongname", over_tls(ChainVerdict::trusted, false)},
      {"drop", unconnected(timeout)},
      {"unreach_host", unconnected({Ending::connect_failed, EHOSTUNREACH})},
      {"unreach_admin", unconnected({Ending::connect_failed, EHOSTUNREACH})},
      {"unreach_net", unconnected({Ending::connect_failed, ENETUNREACH})},
      {"silent", played({}, timeout)},
      {"close", played({}, eof)},
      {"reset", played({}, {Ending::connection_error, ECONNRESET})},
      {"banner_421", played({"421 4.3.2 mx too busy, try later\r\n"})},
      {"banner_450", played({"450 4.3.2 try later\r\n"})},
      {"banner_554", played({"554 5.7.1 no SMTP service for you\r\n"})},
      {"banner_garbage", played({"Debian GNU/Linux 12\r\nlogin: "})},
      {"ehlo_502", played({kGreeting, "502 no\r\n", "250 mx\r\n"})},
      {"ehlo_550", played({kGreeting, "550 5.7.1 access denied\r\n", "550 5.7.1 access denied\r\n"})},
      {"ehlo_421", played({kGreeting, "421 4.7.0 too many connections\r\n"})},
      {"ehlo_silent", played({kGreeting}, timeout)},
      {"ehlo_close", played({kGreeting}, eof)},
      {"starttls_454", played({kGreeting, kTlsEhlo, "454 4.7.0 TLS not available\r\n"})},
      {"starttls_garbage", played({kGreeting, kTlsEhlo, kGoAhead}, {Ending::tls_failed})},
      {"starttls_close", played({kGreeting, kTlsEhlo, kGoAhead}, eof)},
      {"starttls_stall", played({kGreeting, kTlsEhlo, kGoAhead}, timeout)},
  };
  all["banner_delay1"] = all["host_cname"] = all["ipliteral"] = all["ok"];
  for (const char* name : {"refused", "refused2", "refused3", "refused4", "refused5"})
    all[name] = unconnected({Ending::connect_failed, ECONNREFUSED});
  return all;
}

struct EnvelopeReply {
  Cause cause;
  std::uint16_t code;
  std::string_view status;
};
const std::map<std::string_view, EnvelopeReply> kEnvelopeReplies{
    {"mail_421", {Cause::sender_tempfail, 421, "4.4.1"}},    {"mail_451", {Cause::sender_tempfail, 451, "4.3.0"}},
    {"rcpt_450", {Cause::greylisted, 450, "4.7.1"}},         {"rcpt_452", {Cause::recipient_tempfail, 452, "4.2.2"}},
    {"rcpt_550", {Cause::recipient_rejected, 550, "5.1.1"}}, {"rcpt_554", {Cause::recipient_rejected, 554, "5.7.1"}},
};

// These hosts offer no TLS: only where none is demanded a sender gets as far as the envelope.
RouteAddress behind_hello(const EnvelopeReply& reply, TlsPolicy policy) {
  const SessionRun ok = played({kGreeting, kPlainEhlo});
  RouteAddress address = diagnosis::standing(Address{}, &ok, policy, kServer);
  if (address.standing != Standing::good) return address;
  address.standing = Standing::failing;
  address.cause = CauseFound{reply.cause, std::string(reply.status), Side::theirs};
  address.reply_code = reply.code;
  address.reply_status = reply.status;
  address.past_hello = true;
  return address;
}

RouteHost host(unsigned preference, const std::string& behaviour, TlsPolicy policy) {
  static const auto kRuns = behaviours();
  const ServerName& name = behaviour == "ipliteral" ? kLiteral : kServer;
  RouteHost made{static_cast<std::uint16_t>(preference), name, {}, {}};
  if (behaviour == "host_nx")
    made.dns = diagnosis::found(Cause::mx_target_missing);
  else if (behaviour == "host_sf")
    made.dns = diagnosis::found(Cause::dns_servfail);
  else if (kEnvelopeReplies.contains(behaviour))
    made.addresses.push_back(behind_hello(kEnvelopeReplies.at(behaviour), policy));
  else
    made.addresses.push_back(diagnosis::standing(Address{}, &kRuns.at(behaviour), policy, kServer));
  return made;
}

Route route_of(std::string_view hosts, TlsPolicy policy) {
  static const std::map<std::string, Cause> kAnswers{
      {"nxdomain", Cause::dns_nxdomain}, {"servfail", Cause::dns_servfail}, {"timeout", Cause::dns_timeout},
      {"refused", Cause::dns_refused},   {"null", Cause::mx_null},          {"nodata", Cause::dns_no_address}};
  Route route;
  std::istringstream words{std::string(hosts)};
  std::string first, second;
  while (words >> first >> second) {
    if (first == "dns") {
      route.dns = diagnosis::found(kAnswers.at(second));
    } else {
      route.dns.reset();  // an address behind "no MX" is an implicit one
      const bool numbered = std::isdigit(static_cast<unsigned char>(first.front())) != 0;
      route.hosts.push_back(host(numbered ? static_cast<unsigned>(std::stoul(first)) : 0, second, policy));
    }
  }
  return route;
}

// "defer 4.7.5, deliver": what Postfix does and logs, what Exim does.
std::string foretold(const Route& route) {
  const auto postfix = forecast(route, Sender::postfix);
  const auto exim = forecast(route, Sender::exim);
  if (!postfix || !exim) return "unknown";
  std::string text(label(postfix->outcome));
  if (postfix->enhanced_status != "2.0.0") text += " " + postfix->enhanced_status;
  return text + ", " + std::string(label(exim->outcome));
}

// What a sender would log who did as the verdict says. A 5xx greeting is a deferral to Postfix
// (smtp_skip_5xx_greeting); the verdict keeps the server's own words.
std::string judged(const Route& route) {
  const Judgement judgement = judge(route);
  if (reachable(judgement.verdict).value_or(false)) return "deliver";
  std::string status = judgement.cause->enhanced_status;
  if (judgement.cause->cause == Cause::banner_rejected) status.front() = '4';
  return (status.front() == '4' ? "defer " : "bounce ") + status;
}

std::string_view postfix_part(std::string_view cell) { return cell.substr(0, cell.find(',')); }

// Under `may` Postfix defers a new message where the handshake fails; the verdict is `degraded`, since others deliver
// and Postfix itself does after some minutes.
bool waits_for_plaintext(std::string_view cell, const Route& route) {
  return postfix_part(cell) == "defer 4.7.5" && judge(route).verdict == Verdict::degraded;
}

class oracle : public ::testing::TestWithParam<OracleScenario> {};

TEST_P(oracle, senders_do_as_forecast) {
  for (std::size_t i = 0; i < std::size(kPolicies); ++i)
    EXPECT_EQ(foretold(route_of(GetParam().hosts, kPolicies[i])), GetParam().postfix_exim[i]) << "policy " << i;
}

TEST_P(oracle, postfix_does_as_the_verdict_says) {
  for (std::size_t i = 0; i < std::size(kPolicies); ++i) {
    const Route route = route_of(GetParam().hosts, kPolicies[i]);
    const std::string_view cell = GetParam().postfix_exim[i];
    if (i > 0 || !waits_for_plaintext(cell, route)) {
      EXPECT_EQ(judged(route), postfix_part(cell)) << "policy " << i;
    }
  }
}

std::string test_name(const ::testing::TestParamInfo<OracleScenario>& info) {
  std::string name(info.param.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(scenarios, oracle, ::testing::ValuesIn(kOracle), test_name);

TEST(oracle_exceptions, only_failed_handshakes_are_degraded_where_postfix_defers) {
  const std::set<std::string_view> expected{"tls-garbage",
                                            "tls-close",
                                            "tls-stall",
                                            "walk01-hostnx-banner554-starttlsgarbage",
                                            "walk03-refused-starttlsgarbage",
                                            "walk37-close-banner450-starttlsgarbage"};
  std::set<std::string_view> seen;
  for (const OracleScenario& scenario : kOracle)
    if (waits_for_plaintext(scenario.postfix_exim[0], route_of(scenario.hosts, TlsPolicy::opportunistic)))
      seen.insert(scenario.name);
  EXPECT_EQ(seen, expected);
}

TEST(oracle_exceptions, all_scenarios_are_here) { EXPECT_EQ(std::size(kOracle), 84U); }

}  // namespace
}  // namespace mxhealth::forecast
