#include "diagnosis/cause_of.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "diagnosis/runs.hpp"

namespace mxhealth::diagnosis {
namespace {

using namespace mxhealth::testing;
constexpr TlsPolicy kOpportunistic = TlsPolicy::opportunistic;

// "cause status", "" when all is well
std::string told(const SessionRun& run, TlsPolicy policy = kOpportunistic, const ServerName& server = {}) {
  const auto cause = cause_of(run, policy, server);
  return cause ? std::string(label(cause->cause)) + " " + cause->enhanced_status : "";
}

TEST(cause_of, a_complete_session_has_none) {
  const SessionRun run = played({kGreeting, kPlainEhlo});
  EXPECT_EQ(told(run), "");
  EXPECT_TRUE(answers(run));
}

TEST(cause_of, helo_is_an_answer_too) {
  const SessionRun run = played({kGreeting, "502 no\r\n", "250 mx\r\n"});
  EXPECT_EQ(told(run), "");
  EXPECT_TRUE(answers(run));
}

TEST(cause_of, connect_tells_by_errno) {
  const std::pair<int, std::string_view> cases[] = {
      {ECONNREFUSED, "connect_refused 4.4.1"},
      {ETIMEDOUT, "connect_timeout 4.4.1"},
      {EHOSTUNREACH, "host_unreachable 4.4.1"},
      {ENETUNREACH, "net_unreachable 4.4.1"},
      {ECONNRESET, "connect_reset 4.4.2"},
      {EACCES, "host_unreachable 4.4.1"},
      {EPERM, "local_policy 4.3.0"},
      {EINVAL, "local_policy 4.3.0"},
      {EMFILE, "local_resource 4.3.0"},
      {ENFILE, "local_resource 4.3.0"},
      {ENOBUFS, "local_resource 4.3.0"},
      {ENOMEM, "local_resource 4.3.0"},
      {EADDRNOTAVAIL, "local_resource 4.3.0"},
      {EBADF, "internal 4.3.0"},
  };
  for (const auto& [error, expected] : cases)
    EXPECT_EQ(told(unconnected({Ending::connect_failed, error})), expected) << error;
  EXPECT_FALSE(answers(unconnected({Ending::connect_failed, ECONNREFUSED})));
}

TEST(cause_of, a_timeout_is_named_by_the_phase_in_which_we_waited) {
  EXPECT_EQ(told(unconnected({Ending::timed_out})), "connect_timeout 4.4.1");
  EXPECT_EQ(told(played({}, {Ending::timed_out})), "banner_timeout 4.4.2");
  EXPECT_EQ(told(played({kGreeting}, {Ending::timed_out})), "dialogue_timeout 4.4.2");
  EXPECT_EQ(told(played({kGreeting, "502 no\r\n"}, {Ending::timed_out})), "dialogue_timeout 4.4.2");
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo}, {Ending::timed_out})), "dialogue_timeout 4.4.2") << "reply to STARTTLS";
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, kGoAhead}, {Ending::timed_out})), "tls_timeout 4.7.5");
}

// A dripping host runs into the session's deadline: that is theirs.
TEST(cause_of, the_total_deadline_names_the_phase_as_well) {
  SessionRun run = played({}, {Ending::timed_out});
  run.total_deadline = true;
  EXPECT_EQ(told(run), "banner_timeout 4.4.2");
}

TEST(cause_of, a_lost_connection_is_named_by_the_phase) {
  EXPECT_EQ(told(played({}, {Ending::peer_closed})), "closed_before_banner 4.4.2");
  EXPECT_EQ(told(played({}, {Ending::connection_error, ECONNRESET})), "connect_reset 4.4.2");
  EXPECT_EQ(told(played({}, {Ending::connection_error, ETIMEDOUT})), "connect_reset 4.4.2");
  EXPECT_EQ(told(played({kGreeting}, {Ending::peer_closed})), "connection_lost 4.4.2");
  EXPECT_EQ(told(played({kGreeting}, {Ending::connection_error, ECONNRESET})), "connection_lost 4.4.2");
  EXPECT_EQ(told(played({kGreeting}, {Ending::connection_error, EPIPE})), "connection_lost 4.4.2");
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo}, {Ending::peer_closed})), "connection_lost 4.4.2");
  EXPECT_EQ(told(played({kGreeting}, {Ending::connection_error, EPERM})), "local_policy 4.3.0");
  EXPECT_EQ(told(played({kGreeting}, {Ending::connection_error, ENOBUFS})), "local_resource 4.3.0");
}

TEST(cause_of, whatever_breaks_in_the_handshake_is_a_failed_handshake) {
  for (const End end : {End{Ending::tls_failed}, End{Ending::peer_closed}, End{Ending::connection_error, ECONNRESET}}) {
    const SessionRun run = played({kGreeting, kTlsEhlo, kGoAhead}, end);
    EXPECT_EQ(told(run), "tls_handshake_failed 4.7.5");
    EXPECT_TRUE(answers(run)) << "a plain sender would go on";
    EXPECT_EQ(told(run, TlsPolicy::required), "tls_handshake_failed 4.7.5");
  }
}

TEST(cause_of, a_loss_behind_the_handshake_is_a_lost_connection) {
  const auto tls = tls_facts(ChainVerdict::trusted, "mx.example.net", true);
  for (const End end : {End{Ending::peer_closed}, End{Ending::connection_error, ECONNRESET}, End{Ending::tls_failed}})
    EXPECT_EQ(told(played({kGreeting, kTlsEhlo, kGoAhead}, end, tls)), "connection_lost 4.4.2");
}

TEST(cause_of, implicit_tls_fails_as_a_handshake_and_answers_nothing) {
  const SessionRun run = played({}, {Ending::timed_out}, {}, smtp::TlsMode::from_first_byte);
  EXPECT_EQ(told(run, TlsPolicy::implicit), "tls_timeout 4.7.5");
  EXPECT_FALSE(answers(run));
}

TEST(cause_of, a_refusing_greeting_keeps_the_servers_own_status) {
  EXPECT_EQ(told(played({"421 4.3.2 busy\r\n"})), "banner_tempfail 4.3.2");
  EXPECT_EQ(told(played({"450 later\r\n"})), "banner_tempfail 4.0.0");
  EXPECT_EQ(told(played({"554 5.7.1 no\r\n"})), "banner_rejected 5.7.1");
  EXPECT_EQ(told(played({"521 no\r\n"})), "banner_rejected 5.0.0");
  EXPECT_EQ(told(played({"354 what\r\n"})), "protocol_error 4.4.2");
}

TEST(cause_of, an_invented_status_becomes_other) {
  EXPECT_EQ(told(played({"554 5.7.123 no\r\n"})), "banner_rejected other");
  EXPECT_EQ(told(played({"450 4.99.1 no\r\n"})), "banner_tempfail other");
}

TEST(cause_of, a_refused_hello_is_judged_by_its_last_reply) {
  EXPECT_EQ(told(played({kGreeting, "421 4.3.2 closing\r\n"})), "ehlo_tempfail 4.3.2");
  EXPECT_EQ(told(played({kGreeting, "550 5.7.1 a\r\n", "550 5.7.2 b\r\n"})), "ehlo_rejected 5.7.2");
  EXPECT_EQ(told(played({kGreeting, "550 a\r\n", "450 b\r\n"})), "ehlo_tempfail 4.0.0");
  EXPECT_EQ(told(played({kGreeting, "450 a\r\n", "504 b\r\n"})), "ehlo_rejected 5.0.0");
  EXPECT_EQ(told(played({kGreeting, "334 a\r\n", "334 b\r\n"})), "protocol_error 4.4.2");
  const auto tls = tls_facts(ChainVerdict::trusted, "mx.example.net", true);
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, kGoAhead, "550 a\r\n", "550 b\r\n"}, {}, tls)), "ehlo_rejected 5.0.0");
}

TEST(cause_of, come_back_later_is_throttling) {
  EXPECT_EQ(told(played({"421 4.7.0 too many connections\r\n"})), "throttled 4.7.0");
  EXPECT_EQ(told(played({kGreeting, "421 4.7.0 too many\r\n"})), "throttled 4.7.0");
  EXPECT_EQ(told(played({"450 4.7.0 x\r\n"})), "throttled 4.7.0");
  EXPECT_EQ(told(played({"451 4.7.500 server busy\r\n"})), "throttled other");
  EXPECT_EQ(told(played({"454 4.7.0 x\r\n"})), "banner_tempfail 4.7.0") << "not one of the codes";
  EXPECT_EQ(told(played({"421 4.7.1 x\r\n"})), "banner_tempfail 4.7.1") << "not one of the statuses";
  EXPECT_EQ(told(played({"554 5.7.0 x\r\n"})), "banner_rejected 5.7.0");
}

TEST(cause_of, what_is_no_smtp_is_a_protocol_error) {
  EXPECT_EQ(told(played({"SSH-2.0-x\r\n"})), "protocol_error 4.4.2");
  const std::string flood = "220 " + std::string(smtp::kMaxReplyLine, 'x');
  EXPECT_EQ(told(played({flood})), "reply_too_long 4.4.2");
}

TEST(cause_of, missing_tls_matters_only_where_it_is_demanded) {
  const SessionRun run = played({kGreeting, kPlainEhlo});
  EXPECT_EQ(told(run, TlsPolicy::off), "");
  EXPECT_EQ(told(run, TlsPolicy::opportunistic), "");
  EXPECT_EQ(told(run, TlsPolicy::required), "starttls_missing 4.7.4");
  EXPECT_EQ(told(run, TlsPolicy::verified), "starttls_missing 4.7.4");
}

TEST(cause_of, a_refused_starttls_matters_only_where_it_is_demanded) {
  const SessionRun run = played({kGreeting, kTlsEhlo, "454 4.7.0 not available\r\n"});
  EXPECT_TRUE(answers(run));
  EXPECT_EQ(told(run), "");
  EXPECT_EQ(told(run, TlsPolicy::required), "starttls_refused 4.7.0");
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, "502 no\r\n"}), TlsPolicy::required), "starttls_refused 4.7.0");
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, "554 5.7.3 no\r\n"}), TlsPolicy::required), "starttls_refused 5.7.3");
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, "450 4.7.0 x\r\n"})), "");
}

TEST(cause_of, a_server_that_leaves_at_starttls_is_told_even_so) {
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, "421 4.3.0 bye\r\n"})), "starttls_refused 4.3.0");
  EXPECT_EQ(told(played({kGreeting, kTlsEhlo, "421 4.7.0 bye\r\n"})), "throttled 4.7.0");
}

TEST(cause_of, clear_text_behind_the_go_ahead_is_an_injection) {
  const SessionRun run = played({kGreeting, kTlsEhlo, "220 go\r\n250 x\r\n"});
  EXPECT_EQ(told(run), "starttls_injection 4.7.5");
  EXPECT_TRUE(answers(run));
}

TEST(cause_of, certificates_matter_only_where_they_are_verified) {
  const std::tuple<ChainVerdict, bool, std::string_view> cases[] = {
      {ChainVerdict::trusted, true, ""},
      {ChainVerdict::untrusted, true, "cert_untrusted 4.7.5"},
      {ChainVerdict::expired, false, "cert_expired 4.7.5"},
      {ChainVerdict::not_yet_valid, true, "cert_not_yet_valid 4.7.5"},
      {ChainVerdict::trusted, false, "cert_name_mismatch 4.7.5"},
  };
  for (const auto& [verdict, matches, expected] : cases) {
    const auto tls = tls_facts(verdict, "mx.example.net", matches);
    const SessionRun run = played({kGreeting, kTlsEhlo, kGoAhead, kPlainEhlo}, {}, tls);
    EXPECT_EQ(told(run, TlsPolicy::verified), expected);
    for (const TlsPolicy careless : {TlsPolicy::opportunistic, TlsPolicy::required, TlsPolicy::implicit})
      EXPECT_EQ(told(run, careless), "");
  }
}

TEST(cause_of, the_name_asked_about_must_match) {
  auto tls = tls_facts(ChainVerdict::trusted, "a.example.net", true);
  tls.chain->names.push_back({*ServerName::parse("b.example.net"), false});
  const SessionRun run = played({kGreeting, kTlsEhlo, kGoAhead, kPlainEhlo}, {}, tls);
  EXPECT_EQ(told(run, TlsPolicy::verified, *ServerName::parse("a.example.net")), "");
  EXPECT_EQ(told(run, TlsPolicy::verified, *ServerName::parse("b.example.net")), "cert_name_mismatch 4.7.5");
  EXPECT_EQ(told(run, TlsPolicy::verified, *ServerName::parse("c.example.net")), "cert_name_mismatch 4.7.5");
}

TEST(cause_of, no_certificate_at_all_is_untrusted) {
  auto tls = tls_facts(ChainVerdict::trusted, "mx.example.net", true);
  tls.chain.reset();
  const SessionRun run = played({kGreeting, kTlsEhlo, kGoAhead, kPlainEhlo}, {}, tls);
  EXPECT_EQ(told(run, TlsPolicy::verified), "cert_untrusted 4.7.5");
}

TEST(cause_of, what_we_did_ourselves_is_ours) {
  EXPECT_EQ(told(played({kGreeting}, {Ending::stopped})), "probe_deadline 4.3.0");
  EXPECT_EQ(told(unconnected({Ending::local_failure, EMFILE})), "local_resource 4.3.0");
  EXPECT_EQ(told(unconnected({Ending::local_failure, EACCES})), "local_policy 4.3.0");
  EXPECT_EQ(told(unconnected({Ending::local_failure, ENETUNREACH})), "local_policy 4.3.0") << "no route of ours";
  EXPECT_TRUE(has_no_route(unconnected({Ending::local_failure, ENETUNREACH})));
  EXPECT_FALSE(has_no_route(unconnected({Ending::connect_failed, ENETUNREACH}))) << "a router said so: it was tried";
  EXPECT_EQ(told(unconnected({Ending::local_failure, EBADF})), "internal 4.3.0");
  EXPECT_EQ(told(unconnected({Ending::not_dialled})), "mx_not_public 4.4.1");
  EXPECT_EQ(cause_of(unconnected({Ending::local_failure, EMFILE}), kOpportunistic)->side, Side::ours);
}

}  // namespace
}  // namespace mxhealth::diagnosis
