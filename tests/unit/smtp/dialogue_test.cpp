#include "smtp/dialogue.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "smtp/driven.hpp"

namespace mxhealth::smtp {
namespace {

using testing::Session;

constexpr std::string_view kPlain = "250-mx\r\n250 SIZE\r\n";
constexpr std::string_view kOffer = "250-mx\r\n250 STARTTLS\r\n";

TEST(dialogue, nothing_is_said_before_the_greeting) {
  Session session;
  EXPECT_EQ(session.begin(), "await");
  EXPECT_EQ(session.phase(), Phase::banner);
  EXPECT_TRUE(session.run.at(Phase::connect).completed);
  EXPECT_TRUE(session.run.at(Phase::banner).begun);
  EXPECT_FALSE(session.run.at(Phase::banner).completed);
}

TEST(dialogue, a_plain_server_is_greeted_and_left) {
  Session session;
  EXPECT_EQ(session.greeted(), "await|EHLO probe.example.net\r\n");
  EXPECT_EQ(session.phase(), Phase::ehlo);
  EXPECT_EQ(session.server(kPlain), "quit");
  EXPECT_EQ(session.run.ending, Ending::complete);
  ASSERT_TRUE(session.run.clear);
  EXPECT_TRUE(session.run.clear->size);
  EXPECT_TRUE(session.run.at(Phase::ehlo).completed);
  EXPECT_FALSE(session.run.at(Phase::starttls).begun);
  EXPECT_EQ(session.run.replies.size(), 2U);
}

TEST(dialogue, offered_tls_is_taken_and_ehlo_said_again) {
  for (const TlsPolicy policy : {TlsPolicy::opportunistic, TlsPolicy::required, TlsPolicy::verified}) {
    Session session(policy);
    session.greeted();
    EXPECT_EQ(session.server(kOffer), "STARTTLS\r\n");
    EXPECT_EQ(session.phase(), Phase::starttls);
    EXPECT_EQ(session.server("220 go ahead\r\n"), "handshake");
    EXPECT_EQ(session.phase(), Phase::tls);
    EXPECT_FALSE(session.run.at(Phase::tls).completed);
    EXPECT_EQ(session.handshake_done(), "EHLO probe.example.net\r\n");
    EXPECT_EQ(session.phase(), Phase::ehlo_tls);
    EXPECT_EQ(session.server(kOffer), "quit") << "an offer inside TLS is not taken";
    EXPECT_EQ(session.run.ending, Ending::complete);
    EXPECT_TRUE(session.run.starttls_attempted);
    EXPECT_TRUE(session.run.clear && session.run.secure);
    EXPECT_EQ(session.run.ended_in, Phase::ehlo_tls);
  }
}

TEST(dialogue, policy_off_leaves_tls_alone) {
  Session session(TlsPolicy::off);
  session.greeted();
  EXPECT_EQ(session.server(kOffer), "quit");
  EXPECT_FALSE(session.run.starttls_attempted);
  EXPECT_EQ(session.run.ending, Ending::complete);
}

TEST(dialogue, implicit_tls_begins_with_the_handshake) {
  Session session(TlsPolicy::implicit);
  EXPECT_EQ(session.begin(), "handshake");
  EXPECT_EQ(session.phase(), Phase::tls);
  EXPECT_EQ(session.handshake_done(), "await");
  EXPECT_EQ(session.phase(), Phase::banner);
  EXPECT_EQ(session.server("220 mx\r\n"), "EHLO probe.example.net\r\n");
  EXPECT_EQ(session.phase(), Phase::ehlo);
  EXPECT_EQ(session.server(kOffer), "quit");
  EXPECT_TRUE(session.run.secure);
  EXPECT_FALSE(session.run.clear);
  EXPECT_FALSE(session.run.starttls_attempted);
}

TEST(dialogue, any_2xx_is_a_welcome) {
  Session session;
  session.begin();
  EXPECT_EQ(session.server("250 odd\r\n"), "EHLO probe.example.net\r\n");
}

TEST(dialogue, a_refusing_greeting_is_answered_by_quit) {
  for (const std::string_view greeting : {"421 4.3.2 busy\r\n", "450 later\r\n", "554 5.7.1 no\r\n", "354 what\r\n"}) {
    Session session;
    session.begin();
    EXPECT_EQ(session.server(greeting), "quit");
    EXPECT_EQ(session.run.ending, Ending::refused_by_reply);
    EXPECT_EQ(session.run.ended_in, Phase::banner);
    EXPECT_TRUE(session.run.at(Phase::banner).completed);
  }
}

// Postfix tries HELO after every refusal of EHLO but 421.
TEST(dialogue, a_refused_ehlo_is_followed_by_helo) {
  for (const std::string_view refusal :
       {"500 what?\r\n", "502 no\r\n", "550 5.7.1 denied\r\n", "450 4.7.1 later\r\n"}) {
    Session session;
    session.greeted();
    EXPECT_EQ(session.server(refusal), "HELO probe.example.net\r\n");
    EXPECT_EQ(session.phase(), Phase::ehlo);
    EXPECT_FALSE(session.run.at(Phase::ehlo).completed);
    EXPECT_EQ(session.server("250-mx\r\n250 STARTTLS\r\n"), "quit") << "HELO offers nothing";
    EXPECT_EQ(session.run.ending, Ending::complete);
    ASSERT_TRUE(session.run.clear);
    EXPECT_FALSE(session.run.clear->esmtp);
  }
}

TEST(dialogue, after_421_to_ehlo_there_is_nobody_to_say_helo_to) {
  Session session;
  session.greeted();
  EXPECT_EQ(session.server("421 4.7.0 too many\r\n"), "quit");
  EXPECT_EQ(session.run.ending, Ending::refused_by_reply);
  EXPECT_EQ(session.run.ended_in, Phase::ehlo);
  EXPECT_FALSE(session.run.clear);
}

TEST(dialogue, a_refused_helo_ends_the_session) {
  Session session;
  session.greeted();
  session.server("550 5.7.1 denied\r\n");
  EXPECT_EQ(session.server("550 5.7.1 denied\r\n"), "quit");
  EXPECT_EQ(session.run.ending, Ending::refused_by_reply);
  EXPECT_TRUE(session.run.at(Phase::ehlo).completed);
  EXPECT_FALSE(session.run.clear);
  EXPECT_EQ(session.run.replies.size(), 3U);
}

TEST(dialogue, a_refused_starttls_is_recorded) {
  Session session;
  session.greeted();
  session.server(kOffer);
  EXPECT_EQ(session.server("454 4.7.0 not available\r\n"), "quit");
  ASSERT_TRUE(session.run.starttls_refusal);
  EXPECT_EQ(session.run.starttls_refusal->code, 454);
  EXPECT_EQ(session.run.ending, Ending::refused_by_reply);
  EXPECT_EQ(session.run.ended_in, Phase::starttls);
}

// CVE-2021-38371 and its kin: clear text behind the go-ahead must not be taken for an answer inside TLS.
TEST(dialogue, bytes_behind_the_go_ahead_stop_the_session) {
  Session session;
  session.greeted();
  session.server(kOffer);
  EXPECT_EQ(session.server("220 go ahead\r\n250 injected\r\n"), "close");
  EXPECT_EQ(session.run.ending, Ending::bytes_after_starttls);
}

TEST(dialogue, an_unsolicited_reply_is_taken_for_the_next_answer_as_senders_do) {
  Session session;
  session.begin();
  EXPECT_EQ(session.server("220 a\r\n250 unsolicited\r\n"), "EHLO probe.example.net\r\n");
  EXPECT_EQ(session.server(""), "quit");
  EXPECT_TRUE(session.run.clear);
}

TEST(dialogue, a_refused_second_ehlo_falls_back_to_helo_too) {
  Session session;
  session.greeted();
  session.server(kOffer);
  session.server("220 go\r\n");
  session.handshake_done();
  EXPECT_EQ(session.server("502 no\r\n"), "HELO probe.example.net\r\n");
  EXPECT_EQ(session.server("550 no\r\n"), "quit");
  EXPECT_EQ(session.run.ended_in, Phase::ehlo_tls);
  EXPECT_FALSE(session.run.secure);
}

TEST(dialogue, what_is_no_smtp_is_left_without_quit) {
  Session session;
  session.begin();
  EXPECT_EQ(session.server("SSH-2.0-x\r\n"), "close");
  EXPECT_EQ(session.run.ending, Ending::not_smtp);
  EXPECT_EQ(session.run.ended_in, Phase::banner);
  EXPECT_FALSE(session.run.at(Phase::banner).completed);

  Session flood;
  flood.greeted();
  EXPECT_EQ(flood.server("250 " + std::string(kMaxReplyLine, 'x')), "close");
  EXPECT_EQ(flood.run.ending, Ending::reply_too_long);
  EXPECT_EQ(flood.run.ended_in, Phase::ehlo);
}

TEST(dialogue, a_failure_ends_in_the_phase_it_met) {
  Session refused;
  EXPECT_EQ(refused.failed(Ending::connect_failed, ECONNREFUSED), "close");
  EXPECT_EQ(refused.run.ended_in, Phase::connect);
  EXPECT_EQ(refused.run.error, ECONNREFUSED);
  EXPECT_TRUE(refused.run.at(Phase::connect).begun);
  EXPECT_FALSE(refused.run.at(Phase::connect).completed);

  Session silent;
  silent.begin();
  EXPECT_EQ(silent.failed(Ending::timed_out), "close") << "QUIT after a silent greeting is early talking";
  EXPECT_EQ(silent.run.ended_in, Phase::banner);

  Session handshake;
  handshake.greeted();
  handshake.server(kOffer);
  handshake.server("220 go\r\n");
  EXPECT_EQ(handshake.failed(Ending::tls_failed), "close");
  EXPECT_EQ(handshake.run.ended_in, Phase::tls);
  EXPECT_FALSE(handshake.run.at(Phase::tls).completed);
  EXPECT_TRUE(handshake.run.clear) << "what was learnt stays";
}

}  // namespace
}  // namespace mxhealth::smtp
