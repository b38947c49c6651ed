// The errands of a dialogue that ask whether an envelope is taken.
#include <gtest/gtest.h>

#include "smtp/driven.hpp"

namespace mxhealth::smtp {
namespace {

using testing::Session;

const Envelope kPostmaster{.from = "", .to = "postmaster@example.net"};
const Envelope kOther{.from = "probe@example.org", .to = "postmaster@example.com"};

DialoguePlan plan(std::vector<Envelope> envelopes, TlsMode tls = TlsMode::if_offered) {
  return {.tls = tls, .ehlo_name = "probe.example.net", .envelopes = std::move(envelopes)};
}

constexpr std::string_view kPlain = "250-mx\r\n250 SIZE\r\n";
constexpr std::string_view kOffer = "250-mx\r\n250 STARTTLS\r\n";
constexpr std::string_view kYes = "250 2.1.0 ok\r\n";

TEST(envelopes, one_is_asked_about_and_taken_back_and_no_mail_follows) {
  Session session(plan({kPostmaster}));
  session.greeted();
  EXPECT_EQ(session.server(kPlain), "MAIL FROM:<>\r\n");
  EXPECT_EQ(session.phase(), Phase::mail);
  EXPECT_EQ(session.server(kYes), "RCPT TO:<postmaster@example.net>\r\n");
  EXPECT_EQ(session.phase(), Phase::rcpt);
  EXPECT_EQ(session.server(kYes), "RSET\r\n");
  EXPECT_EQ(session.server(kYes), "quit");
  EXPECT_EQ(session.run.ending, Ending::complete);
  ASSERT_EQ(session.run.envelopes.size(), 1U);
  EXPECT_EQ(session.run.envelopes[0].envelope, kPostmaster);
  EXPECT_EQ(session.run.envelopes[0].mail->code, 250);
  EXPECT_EQ(session.run.envelopes[0].rcpt->code, 250);
  EXPECT_TRUE(session.run.at(Phase::mail).completed && session.run.at(Phase::rcpt).completed);
  EXPECT_EQ(session.run.replies.size(), 4U) << "the reply to RSET says nothing";
}

TEST(envelopes, they_wait_for_tls) {
  Session session(plan({kPostmaster}));
  session.greeted();
  EXPECT_EQ(session.server(kOffer), "STARTTLS\r\n");
  session.server("220 go\r\n");
  session.handshake_done();
  EXPECT_EQ(session.server(kPlain), "MAIL FROM:<>\r\n");
}

TEST(envelopes, a_refused_sender_has_no_recipient) {
  Session session(plan({kPostmaster}));
  session.greeted();
  session.server(kPlain);
  EXPECT_EQ(session.server("451 4.3.0 later\r\n"), "RSET\r\n");
  EXPECT_EQ(session.server(kYes), "quit");
  EXPECT_EQ(session.run.ending, Ending::complete) << "a refusal is what was asked for";
  EXPECT_EQ(session.run.envelopes[0].mail->code, 451);
  EXPECT_FALSE(session.run.envelopes[0].rcpt);
  EXPECT_FALSE(session.run.at(Phase::rcpt).begun);
}

TEST(envelopes, a_refused_recipient_does_not_keep_the_next_from_being_asked_about) {
  Session session(plan({kPostmaster, kOther}));
  session.greeted();
  session.server(kPlain);
  session.server(kYes);
  EXPECT_EQ(session.server("550 5.1.1 no such user\r\n"), "RSET\r\n");
  EXPECT_EQ(session.server(kYes), "MAIL FROM:<probe@example.org>\r\n");
  EXPECT_EQ(session.server(kYes), "RCPT TO:<postmaster@example.com>\r\n");
  session.server(kYes);
  EXPECT_EQ(session.server(kYes), "quit");
  ASSERT_EQ(session.run.envelopes.size(), 2U);
  EXPECT_EQ(session.run.envelopes[0].rcpt->enhanced, "5.1.1");
  EXPECT_EQ(session.run.envelopes[1].rcpt->code, 250);
}

TEST(envelopes, behind_421_there_is_nobody_to_ask) {
  Session session(plan({kPostmaster, kOther}));
  session.greeted();
  session.server(kPlain);
  EXPECT_EQ(session.server("421 4.4.1 no\r\n"), "quit");
  EXPECT_EQ(session.run.ending, Ending::refused_by_reply);
  EXPECT_EQ(session.run.ended_in, Phase::mail);
  EXPECT_EQ(session.run.envelopes.size(), 1U);

  Session later(plan({kPostmaster}));
  later.greeted();
  later.server(kPlain);
  later.server(kYes);
  EXPECT_EQ(later.server("421 4.4.1 no\r\n"), "quit");
  EXPECT_EQ(later.run.ended_in, Phase::rcpt);
}

TEST(envelopes, a_server_that_cannot_reset_is_asked_no_more) {
  Session session(plan({kPostmaster, kOther}));
  session.greeted();
  session.server(kPlain);
  session.server(kYes);
  session.server(kYes);
  EXPECT_EQ(session.server("502 5.5.1 what is RSET?\r\n"), "quit");
  EXPECT_EQ(session.run.ending, Ending::complete);
  EXPECT_EQ(session.run.envelopes.size(), 1U);
}

TEST(envelopes, where_starttls_is_refused_they_travel_in_clear_as_mail_would) {
  Session session(plan({kPostmaster}));
  session.greeted();
  session.server(kOffer);
  EXPECT_EQ(session.server("454 4.7.0 not now\r\n"), "MAIL FROM:<>\r\n");
  EXPECT_TRUE(session.run.starttls_refusal);

  Session gone(plan({kPostmaster}));
  gone.greeted();
  gone.server(kOffer);
  EXPECT_EQ(gone.server("421 4.7.0 not now\r\n"), "quit");
}

TEST(envelopes, what_was_learnt_before_the_connection_broke_stays) {
  Session session(plan({kPostmaster}));
  session.greeted();
  session.server(kPlain);
  session.server(kYes);
  EXPECT_EQ(session.failed(Ending::peer_closed), "close");
  EXPECT_EQ(session.run.ended_in, Phase::rcpt);
  EXPECT_TRUE(session.run.envelopes[0].mail);
  EXPECT_FALSE(session.run.envelopes[0].rcpt);
}

TEST(envelopes, one_session_carries_so_many_and_no_more) {
  Session session(plan(std::vector<Envelope>(kMaxEnvelopes + 1, kPostmaster)));
  session.greeted();
  std::string said = session.server(kPlain);
  for (std::size_t i = 0; i < kMaxEnvelopes; ++i) {
    EXPECT_EQ(said, "MAIL FROM:<>\r\n");
    session.server(kYes);
    session.server(kYes);
    said = session.server(kYes);
  }
  EXPECT_EQ(said, "quit");
}

}  // namespace
}  // namespace mxhealth::smtp
