#include "diagnosis/cause_of_errand.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/runs.hpp"

namespace mxhealth::diagnosis {
namespace {

using namespace mxhealth::testing;
constexpr std::string_view kYes = "250 2.1.0 ok\r\n";

// A session with one envelope: what MAIL, RCPT and RSET are answered by.
SessionRun asked(const std::vector<std::string_view>& answers, End end = {}) {
  std::vector<std::string_view> replies{kGreeting, kPlainEhlo};
  replies.insert(replies.end(), answers.begin(), answers.end());
  smtp::DialoguePlan plan{.tls = smtp::TlsMode::if_offered,
                          .ehlo_name = "probe.example.net",
                          .envelopes = {{.from = "", .to = "postmaster@example.net"}}};
  return played(std::move(plan), replies, end);
}

// "cause status", "" when all is well
std::string told(const SessionRun& run) {
  const auto cause = cause_of(run.envelopes.at(0), run);
  return cause ? std::string(label(cause->cause)) + " " + cause->enhanced_status : "";
}
std::string to_mail(std::string_view reply) { return told(asked({reply, kYes})); }
std::string to_rcpt(std::string_view reply) { return told(asked({kYes, reply, kYes})); }

TEST(cause_of_envelope, none_where_sender_and_recipient_are_taken) {
  EXPECT_EQ(told(asked({kYes, kYes, kYes})), "");
  EXPECT_EQ(told(asked({kYes, "251 will forward\r\n", kYes})), "");
}

TEST(cause_of_envelope, a_refusal_is_named_by_whom_it_is_about) {
  EXPECT_EQ(to_mail("451 4.3.0 temporary failure\r\n"), "sender_tempfail 4.3.0");
  EXPECT_EQ(to_mail("421 4.4.1 no answer from next host\r\n"), "sender_tempfail 4.4.1");
  EXPECT_EQ(to_mail("550 5.7.1 not you\r\n"), "sender_rejected 5.7.1");
  EXPECT_EQ(to_rcpt("452 4.2.2 mailbox full\r\n"), "recipient_tempfail 4.2.2");
  EXPECT_EQ(to_rcpt("550 5.1.1 no such user\r\n"), "recipient_rejected 5.1.1");
  EXPECT_EQ(to_rcpt("421 4.3.2 shutting down\r\n"), "recipient_tempfail 4.3.2");
}

TEST(cause_of_envelope, without_a_status_the_class_is_that_of_the_reply) {
  EXPECT_EQ(to_mail("451 later\r\n"), "sender_tempfail 4.0.0");
  EXPECT_EQ(to_rcpt("550 no\r\n"), "recipient_rejected 5.0.0");
}

TEST(cause_of_envelope, greylisting_is_known_by_its_status_or_by_its_text) {
  EXPECT_EQ(to_rcpt("450 4.7.1 try again\r\n"), "greylisted 4.7.1");
  EXPECT_EQ(to_mail("451 4.7.1 try again\r\n"), "greylisted 4.7.1");
  EXPECT_EQ(to_rcpt("450 4.2.0 <a@b>: Recipient address rejected: Greylisted, see http://postgrey\r\n"),
            "greylisted 4.2.0");
  EXPECT_EQ(to_rcpt("451 Temporary local problem - graylisting in action\r\n"), "greylisted 4.7.1");
  EXPECT_EQ(to_rcpt("450 4.7.0 GREYLIST\r\n"), "greylisted 4.7.0");
  EXPECT_EQ(to_rcpt("550 5.7.1 your greylisting annoys us\r\n"), "recipient_rejected 5.7.1") << "never is not later";
  EXPECT_EQ(to_rcpt("452 4.7.1 busy\r\n"), "recipient_tempfail 4.7.1");
}

TEST(cause_of_envelope, throttling_is_about_the_client) {
  EXPECT_EQ(to_mail("421 4.7.0 too many\r\n"), "throttled 4.7.0");
  EXPECT_EQ(to_rcpt("451 4.7.500 server busy\r\n"), "throttled other");
}

TEST(cause_of_envelope, a_reply_that_never_came_is_named_by_how_it_was_missed) {
  EXPECT_EQ(told(asked({}, {Ending::peer_closed})), "connection_lost 4.4.2");
  EXPECT_EQ(told(asked({kYes}, {Ending::connection_error, ECONNRESET})), "connection_lost 4.4.2");
  EXPECT_EQ(told(asked({}, {Ending::timed_out})), "dialogue_timeout 4.4.2");
  EXPECT_EQ(told(asked({kYes}, {Ending::timed_out})), "dialogue_timeout 4.4.2");
  EXPECT_EQ(told(asked({}, {Ending::stopped})), "probe_deadline 4.3.0");
  EXPECT_EQ(told(asked({kYes, "hello\r\n"})), "protocol_error 4.4.2");
  EXPECT_EQ(told(asked({"354 go on\r\n", kYes})), "protocol_error 4.4.2");
}

TEST(cause_of_envelope, what_breaks_behind_the_last_answer_harms_nothing) {
  EXPECT_EQ(told(asked({kYes, kYes}, {Ending::peer_closed})), "");
}

// EHLO was answered: endpoint and address are up, whatever becomes of an envelope.
TEST(cause_of_envelope, the_endpoint_does_not_see_it) {
  for (const SessionRun& run : {asked({"550 5.7.1 no\r\n", kYes}), asked({"421 4.7.0 too many\r\n"}),
                                asked({}, {Ending::peer_closed}), asked({kYes}, {Ending::timed_out}),
                                asked({kYes}, {Ending::connection_error, ENOBUFS}), asked({"garbage\r\n"})}) {
    EXPECT_FALSE(cause_of(run, TlsPolicy::opportunistic));
    EXPECT_TRUE(answers(run));
    EXPECT_EQ(cause_of(run, TlsPolicy::required)->cause, Cause::starttls_missing) << "its policy still counts";
  }
}

// --- logins

// A session behind TLS with a login: what EHLO and AUTH are answered by.
SessionRun logged_in(const std::vector<std::string_view>& answers, End end = {}) {
  std::vector<std::string_view> replies{kGreeting, kTlsEhlo, kGoAhead};
  replies.insert(replies.end(), answers.begin(), answers.end());
  const smtp::AuthPlan auth{.login = {.user = "probe", .password = Secret("hunter2")},
                            .trust = smtp::Trust::verified,
                            .server = *ServerName::parse("mx.example.net"),
                            .nonce = "abc"};
  smtp::DialoguePlan plan{
      .tls = smtp::TlsMode::if_offered, .ehlo_name = "probe.example.net", .envelopes = {}, .auth = auth};
  return played(std::move(plan), replies, end, tls_facts(ChainVerdict::trusted, "mx.example.net", true));
}
constexpr std::string_view kAuthEhlo = "250-mx\r\n250 AUTH PLAIN\r\n";

std::string of_login(const std::vector<std::string_view>& answers, End end = {}) {
  const SessionRun run = logged_in(answers, end);
  EXPECT_FALSE(cause_of(run, TlsPolicy::verified, *ServerName::parse("mx.example.net"))) << "the endpoint is well";
  const auto cause = cause_of(run.auth.value(), run);
  return cause ? std::string(label(cause->cause)) + " " + cause->enhanced_status : "";
}

TEST(cause_of_auth, tells_success_refusal_and_trouble_apart) {
  EXPECT_EQ(of_login({kAuthEhlo, "235 2.7.0 ok\r\n"}), "");
  EXPECT_EQ(of_login({kAuthEhlo, "535 5.7.8 no\r\n"}), "auth_rejected 5.7.8");
  EXPECT_EQ(of_login({kAuthEhlo, "535 no\r\n"}), "auth_rejected 5.7.8");
  EXPECT_EQ(of_login({kAuthEhlo, "534 5.7.9 too weak\r\n"}), "auth_rejected 5.7.9");
  EXPECT_EQ(of_login({kAuthEhlo, "454 4.7.0 later\r\n"}), "auth_tempfail 4.7.0");
  EXPECT_EQ(of_login({kAuthEhlo, "454 later\r\n"}), "auth_tempfail 4.7.0");
  EXPECT_EQ(of_login({kAuthEhlo, "421 4.7.0 too many\r\n"}), "throttled 4.7.0");
  EXPECT_EQ(of_login({kAuthEhlo, "421 4.3.2 down\r\n"}), "auth_tempfail 4.3.2");
  EXPECT_EQ(of_login({kPlainEhlo}), "auth_missing 4.7.0");
  EXPECT_EQ(of_login({kAuthEhlo, "334 go on\r\n", "501 5.7.0 cancelled\r\n"}), "protocol_error 4.4.2");
  EXPECT_EQ(of_login({kAuthEhlo}, {Ending::peer_closed}), "connection_lost 4.4.2");
  EXPECT_EQ(of_login({kAuthEhlo}, {Ending::timed_out}), "dialogue_timeout 4.4.2");
}

}  // namespace
}  // namespace mxhealth::diagnosis
