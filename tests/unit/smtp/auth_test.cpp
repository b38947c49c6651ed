#include "smtp/auth.hpp"

#include <gtest/gtest.h>

#include "smtp/base64.hpp"
#include "smtp/driven.hpp"

namespace mxhealth::smtp {
namespace {

using testing::Session;
using Mechanism = AuthExchange::Mechanism;

const ServerName kServer = *ServerName::parse("smtp.example.net");
const Login kLogin{.user = "probe", .password = Secret("hunter2")};

AuthPlan auth_plan(Trust trust = Trust::verified) {
  return {.login = kLogin, .trust = trust, .server = kServer, .nonce = "rOprNGfwEbeRWgbNEkqO"};
}

TlsFacts tls(ChainVerdict verdict = ChainVerdict::trusted, bool matches = true) {
  TlsFacts facts;
  facts.sni = kServer;
  facts.chain.emplace();
  facts.chain->verdict = verdict;
  facts.chain->names.push_back({kServer, matches});
  return facts;
}

// --- base64

TEST(base64, goes_there_and_back) {  // RFC 4648 section 10
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe\x01", "//4B"}}) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(base64, what_is_not_exactly_that_is_nothing) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zm9=", "Zm 9v", "=Zm9", "Zg==Zg==", "Zm9v\n", "Zm-_"})
    EXPECT_FALSE(from_base64(text)) << text;
}

// --- SCRAM-SHA-256

const Login kRfcLogin{.user = "user", .password = Secret("pencil")};
constexpr std::string_view kRfcNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

TEST(scram, says_what_rfc_7677_section_3_says) {
  Scram scram(kRfcLogin, std::string(kRfcNonce));
  EXPECT_EQ(scram.client_first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(scram.client_final(kServerFirst),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_TRUE(scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  EXPECT_TRUE(scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,x=extension"));
}

TEST(scram, believes_no_server_that_cannot_sign) {
  Scram scram(kRfcLogin, std::string(kRfcNonce));
  EXPECT_FALSE(scram.verify("v=")) << "before anything was said";
  scram.client_final(kServerFirst);
  EXPECT_FALSE(scram.verify("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  EXPECT_FALSE(scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4"));
  EXPECT_FALSE(scram.verify("e=invalid-proof"));
  EXPECT_FALSE(scram.verify(""));
}

TEST(scram, a_name_may_hold_what_would_end_it) {
  Scram scram({.user = "a=b,c", .password = Secret("x")}, "abc");
  EXPECT_EQ(scram.client_first(), "n,,n=a=3Db=2Cc,r=abc");
}

TEST(scram, refuses_challenges_that_are_none_or_too_much) {
  const std::string nonce = "r=" + std::string(kRfcNonce);
  const std::string salt = ",s=W22ZaJ0SNY7soEsUEjb6gQ==";
  const std::string too_long_salt = ",s=" + to_base64(std::string(kMaxScramSalt + 1, 's'));
  for (const std::string& challenge : {
           std::string(),
           std::string("r="),
           std::string("e=other-error"),
           nonce + "x" + salt,
           nonce + salt + ",i=4096",                           // the server added nothing to our nonce
           "r=x" + std::string(kRfcNonce) + salt + ",i=4096",  // not ours
           nonce + "x" + salt + ",i=0",
           nonce + "x" + salt + ",i=-1",  // no count
           nonce + "x" + salt + ",i=4096x",
           nonce + "x" + salt + ",i=99999999999999999999",
           nonce + "x" + salt + ",i=" + std::to_string(kMaxScramIterations + 1),
           nonce + "x,s=,i=4096",
           nonce + "x,s=!,i=4096",
           nonce + "x" + too_long_salt + ",i=4096",
           nonce + std::string(kMaxScramNonce, 'x') + salt + ",i=4096",
           "m=must-know," + nonce + "x" + salt + ",i=4096",
       }) {
    Scram scram(kRfcLogin, std::string(kRfcNonce));
    EXPECT_FALSE(scram.client_final(challenge)) << challenge;
  }
  Scram scram(kRfcLogin, std::string(kRfcNonce));
  EXPECT_TRUE(scram.client_final(nonce + "x" + salt + ",i=" + std::to_string(kMaxScramIterations)));
}

// --- which, and to whom

TEST(auth, the_strongest_mechanism_is_chosen) {
  EXPECT_EQ(AuthExchange::choose({"LOGIN", "PLAIN", "SCRAM-SHA-256"}), Mechanism::scram_sha_256);
  EXPECT_EQ(AuthExchange::choose({"LOGIN", "PLAIN", "SCRAM-SHA-1"}), Mechanism::plain);
  EXPECT_EQ(AuthExchange::choose({"LOGIN"}), Mechanism::login);
  EXPECT_EQ(AuthExchange::choose({"GSSAPI", "CRAM-MD5", "SCRAM-SHA-256-PLUS"}), std::nullopt);
  EXPECT_EQ(AuthExchange::choose({}), std::nullopt);
}

TEST(auth, a_password_is_for_a_verified_server_unless_encryption_is_said_to_do) {
  SessionRun run;
  EXPECT_FALSE(may_authenticate(auth_plan(Trust::encrypted), run));
  run.clear = Capabilities{};
  EXPECT_FALSE(may_authenticate(auth_plan(Trust::encrypted), run)) << "never before TLS";
  run.secure = Capabilities{};
  run.tls = tls();
  EXPECT_TRUE(may_authenticate(auth_plan(), run));
  for (const auto verdict : {ChainVerdict::untrusted, ChainVerdict::expired, ChainVerdict::not_yet_valid}) {
    run.tls = tls(verdict);
    EXPECT_FALSE(may_authenticate(auth_plan(), run));
    EXPECT_TRUE(may_authenticate(auth_plan(Trust::encrypted), run));
  }
  run.tls = tls(ChainVerdict::trusted, false);
  EXPECT_FALSE(may_authenticate(auth_plan(), run));
  run.tls->chain.reset();
  EXPECT_FALSE(may_authenticate(auth_plan(), run));
}

TEST(auth, what_a_server_repeats_of_a_password_is_hidden) {
  const std::string sent = to_base64(std::string("\0probe\0hunter2", 14));
  EXPECT_EQ(without_secrets("535 hunter2 " + to_base64("hunter2") + " " + sent + " bad", kLogin),
            "535 *** *** *** bad");
  EXPECT_EQ(without_secrets("535 " + sent.substr(0, sent.find('=')), kLogin), "535 ***");
  EXPECT_EQ(without_secrets("no secret here", {.user = "u", .password = Secret("")}), "no secret here");
}

// --- as a dialogue

constexpr std::string_view kOffer = "250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n";

// A session up to the EHLO inside TLS, which is answered by `capabilities`; what is said then.
std::string secured(Session& session, std::string_view capabilities, const TlsFacts& facts = tls()) {
  session.greeted();
  EXPECT_EQ(session.server(kOffer), "STARTTLS\r\n");
  session.server("220 go\r\n");
  session.run.tls = facts;
  session.handshake_done();
  return session.server(capabilities);
}

DialoguePlan plan(AuthPlan auth = auth_plan()) {
  return {.tls = TlsMode::if_offered, .ehlo_name = "probe.example.net", .envelopes = {}, .auth = std::move(auth)};
}

TEST(auth_dialogue, plain_says_all_at_once_and_shows_nothing) {
  Session session(plan());
  EXPECT_EQ(secured(session, "250-mx\r\n250 AUTH LOGIN PLAIN\r\n"), "AUTH PLAIN AHByb2JlAGh1bnRlcjI=\r\n");
  EXPECT_EQ(session.shown, "AUTH PLAIN ***");
  EXPECT_EQ(session.phase(), Phase::auth);
  EXPECT_EQ(session.server("235 2.7.0 ok\r\n"), "quit");
  ASSERT_TRUE(session.run.auth);
  EXPECT_EQ(session.run.auth->mechanism, "PLAIN");
  EXPECT_EQ(session.run.auth->reply->code, 235);
  EXPECT_FALSE(session.run.auth->unsound);
  EXPECT_TRUE(session.run.at(Phase::auth).completed);
  EXPECT_EQ(session.run.ending, Ending::complete);
}

TEST(auth_dialogue, login_answers_two_questions) {
  Session session(plan());
  EXPECT_EQ(secured(session, "250-mx\r\n250 AUTH LOGIN\r\n"), "AUTH LOGIN\r\n");
  EXPECT_EQ(session.server("334 VXNlcm5hbWU6\r\n"), "cHJvYmU=\r\n");
  EXPECT_EQ(session.shown, "***");
  EXPECT_EQ(session.server("334 UGFzc3dvcmQ6\r\n"), "aHVudGVyMg==\r\n");
  EXPECT_EQ(session.shown, "***");
  EXPECT_EQ(session.server("235 2.7.0 ok\r\n"), "quit");
  EXPECT_EQ(session.run.replies.size(), 5U) << "questions are no replies";
}

TEST(auth_dialogue, scram_lets_the_server_prove_itself) {
  AuthPlan auth = auth_plan();
  auth.login = kRfcLogin;
  Session session(plan(auth));
  EXPECT_EQ(secured(session, "250-mx\r\n250 AUTH SCRAM-SHA-256 PLAIN\r\n"),
            "AUTH SCRAM-SHA-256 " + to_base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO") + "\r\n");
  session.server("334 " + to_base64(kServerFirst) + "\r\n");
  EXPECT_EQ(session.server("334 " + to_base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") + "\r\n"), "\r\n");
  EXPECT_EQ(session.server("235 2.7.0 ok\r\n"), "quit");
  EXPECT_FALSE(session.run.auth->unsound);
}

TEST(auth_dialogue, a_scram_server_that_proves_nothing_is_not_believed) {
  AuthPlan auth = auth_plan();
  auth.login = kRfcLogin;
  Session eager(plan(auth));
  secured(eager, "250-mx\r\n250 AUTH SCRAM-SHA-256\r\n");
  eager.server("334 " + to_base64(kServerFirst) + "\r\n");
  EXPECT_EQ(eager.server("235 2.7.0 ok\r\n"), "quit");
  EXPECT_TRUE(eager.run.auth->unsound);

  Session liar(plan(auth));
  secured(liar, "250-mx\r\n250 AUTH SCRAM-SHA-256\r\n");
  liar.server("334 " + to_base64(kServerFirst) + "\r\n");
  EXPECT_EQ(liar.server("334 " + to_base64("v=AAAA") + "\r\n"), "*\r\n") << "cancelled (RFC 4954 section 4)";
  EXPECT_EQ(liar.server("501 5.7.0 cancelled\r\n"), "quit");
  EXPECT_TRUE(liar.run.auth->unsound);
}

TEST(auth_dialogue, senseless_and_endless_questions_are_cancelled) {
  Session plain(plan());
  secured(plain, "250-mx\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(plain.server("334 \r\n"), "*\r\n");

  Session login(plan());
  secured(login, "250-mx\r\n250 AUTH LOGIN\r\n");
  EXPECT_EQ(login.server("334 " + std::string(kMaxChallenge + 1, 'A') + "\r\n"), "*\r\n");
  EXPECT_EQ(login.server("334 and on\r\n"), "quit") << "even that is an answer now";

  Session scram(plan());
  secured(scram, "250-mx\r\n250 AUTH SCRAM-SHA-256\r\n");
  EXPECT_EQ(scram.server("334 no base64\r\n"), "*\r\n");
}

TEST(auth_dialogue, no_password_leaves_before_tls_or_for_a_stranger) {
  Session clear(plan(auth_plan(Trust::encrypted)));
  clear.greeted();
  EXPECT_EQ(clear.server("250-mx\r\n250 AUTH PLAIN\r\n"), "quit");
  EXPECT_FALSE(clear.run.auth);

  Session refused(plan(auth_plan(Trust::encrypted)));
  refused.greeted();
  refused.server(kOffer);
  EXPECT_EQ(refused.server("454 4.7.0 not now\r\n"), "quit");
  EXPECT_FALSE(refused.run.auth);

  Session stranger(plan());
  EXPECT_EQ(secured(stranger, "250-mx\r\n250 AUTH PLAIN\r\n", tls(ChainVerdict::untrusted)), "quit");
  EXPECT_FALSE(stranger.run.auth);

  Session content(plan(auth_plan(Trust::encrypted)));
  EXPECT_EQ(secured(content, "250-mx\r\n250 AUTH PLAIN\r\n", tls(ChainVerdict::untrusted)),
            "AUTH PLAIN AHByb2JlAGh1bnRlcjI=\r\n");
}

// RFC 3207 section 4.2: what was offered before TLS counts for nothing.
TEST(auth_dialogue, only_what_is_offered_behind_tls_counts) {
  Session session(plan());
  EXPECT_EQ(secured(session, "250-mx\r\n250 SIZE\r\n"), "quit");
  ASSERT_TRUE(session.run.auth);
  EXPECT_EQ(session.run.auth->mechanism, "");
}

TEST(auth_dialogue, a_refusal_is_kept_without_the_password_and_is_no_failure_of_the_session) {
  Session session(plan());
  secured(session, "250-mx\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(session.server("535 5.7.8 hunter2 is wrong\r\n"), "quit");
  EXPECT_EQ(session.run.auth->reply->text, "5.7.8 *** is wrong");
  EXPECT_EQ(session.run.replies.back().text, "5.7.8 *** is wrong");
  EXPECT_EQ(session.run.ending, Ending::complete);

  Session gone(plan());
  secured(gone, "250-mx\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(gone.server("421 4.7.0 too many\r\n"), "quit");
  EXPECT_EQ(gone.run.ending, Ending::refused_by_reply);
  EXPECT_EQ(gone.run.ended_in, Phase::auth);
}

}  // namespace
}  // namespace mxhealth::smtp
