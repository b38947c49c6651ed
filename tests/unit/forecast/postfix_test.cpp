// The verdict against a real sender: every scenario is played through dialogue, causes and standings, as a probe would
// see it, and the judgement is compared with what Postfix did and logged.
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <set>
#include <sstream>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/runs.hpp"
#include "diagnosis/standing.hpp"
#include "forecast/postfix_scenarios.hpp"
#include "forecast/verdict.hpp"

namespace mxhealth::forecast {
namespace {

using namespace mxhealth::testing;

const ServerName kServer = *ServerName::parse("mx.lab.test");

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

RouteHost host(unsigned preference, const std::string& behaviour, TlsPolicy policy) {
  static const auto kRuns = behaviours();
  RouteHost made{static_cast<std::uint16_t>(preference), kServer, {}, {}};
  if (behaviour == "host_nx") {
    made.dns = diagnosis::found(Cause::mx_target_missing);
  } else if (behaviour == "host_sf") {
    made.dns = diagnosis::found(Cause::dns_servfail);
  } else {
    made.addresses.push_back(diagnosis::standing(Address{}, &kRuns.at(behaviour), policy, kServer));
  }
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
    if (first == "dns" && kAnswers.contains(second)) {
      route.dns = diagnosis::found(kAnswers.at(second));
    } else {
      route.dns.reset();  // an address behind "no MX" is an implicit one
      const bool numbered = std::isdigit(static_cast<unsigned char>(first.front())) != 0;
      route.hosts.push_back(host(numbered ? static_cast<unsigned>(std::stoul(first)) : 0, second, policy));
    }
  }
  return route;
}

// What a sender would log who did as the judgement says. A 5xx greeting is a deferral to Postfix
// (smtp_skip_5xx_greeting); the verdict keeps the server's own words.
std::string as_logged(const Judgement& judgement) {
  if (reachable(judgement.verdict).value_or(false)) return "sent";
  std::string status = judgement.cause->enhanced_status;
  if (judgement.cause->cause == Cause::banner_rejected) status.front() = '4';
  return (status.front() == '4' ? "deferred " : "bounced ") + status;
}

// Under `may` Postfix defers a new message where the handshake fails; the verdict is `degraded`, since others deliver
// and Postfix itself does after some minutes. The forecast tells these apart.
bool waits_for_plaintext(std::string_view expected, const Judgement& judgement) {
  return expected == "deferred 4.7.5" && judgement.verdict == Verdict::degraded;
}

class postfix : public ::testing::TestWithParam<PostfixScenario> {};

TEST_P(postfix, does_as_the_verdict_says) {
  const auto& [name, hosts, may, encrypt, verify] = GetParam();
  const Judgement opportunistic = judge(route_of(hosts, TlsPolicy::opportunistic));
  if (!waits_for_plaintext(may, opportunistic)) {
    EXPECT_EQ(as_logged(opportunistic), may);
  }
  EXPECT_EQ(as_logged(judge(route_of(hosts, TlsPolicy::required))), encrypt) << "TLS required";
  EXPECT_EQ(as_logged(judge(route_of(hosts, TlsPolicy::verified))), verify) << "TLS verified";
}

std::string test_name(const ::testing::TestParamInfo<PostfixScenario>& info) {
  std::string name(info.param.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(scenarios, postfix, ::testing::ValuesIn(kPostfixScenarios), test_name);

TEST(postfix_exceptions, only_failed_handshakes_are_degraded_where_postfix_defers) {
  const std::set<std::string_view> expected{"tls-garbage",
                                            "tls-close",
                                            "tls-stall",
                                            "walk01-hostnx-banner554-starttlsgarbage",
                                            "walk03-refused-starttlsgarbage",
                                            "walk37-close-banner450-starttlsgarbage"};
  std::set<std::string_view> seen;
  for (const PostfixScenario& scenario : kPostfixScenarios)
    if (waits_for_plaintext(scenario.may, judge(route_of(scenario.hosts, TlsPolicy::opportunistic))))
      seen.insert(scenario.name);
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace mxhealth::forecast
