// Each behaviour of the book, looked at from outside by a plain client.
#include "lab/mail_host.hpp"

#include <gmock/gmock.h>

#include "lab/scenario.hpp"
#include "lab/test_client.hpp"

namespace mxhealth::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class MailHostTest : public testing::Test {
 protected:
  tcp::endpoint play(const std::string& behaviour) {
    const BehaviourPtr found = behaviour_book().find(behaviour);
    if (!found) throw std::invalid_argument("no behaviour " + behaviour);
    const tcp::endpoint at(asio::ip::make_address("127.77.3.1"), 0);
    host_ = std::make_unique<MailHost>(io_, "mx.lab.test", at, found, certificates_);
    return host_->endpoint();
  }
  std::string greeting(const std::string& behaviour) { return TestClient(io_, play(behaviour)).reply(); }

  /// Up to the 220 to STARTTLS.
  std::string ask_for_tls(TestClient& client) {
    client.reply();
    client.say("EHLO probe.lab.test");
    client.reply();
    client.say("STARTTLS");
    return client.reply();
  }
  bool handshake(TestClient& client) { return client.start_tls(certificates_.ca_file(), "mx.lab.test"); }
  const MailSeen& seen() const { return host_->seen(); }

  asio::io_context io_{1};
  Certificates certificates_;
  std::unique_ptr<MailHost> host_;
};

TEST_F(MailHostTest, takes_mail_and_counts_what_it_sees) {
  TestClient client(io_, play("ok"));
  EXPECT_EQ(client.reply(), "220 mx.lab.test ESMTP\r\n");
  client.say("ehlo probe.lab.test");
  EXPECT_EQ(client.reply(), "250-mx.lab.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n");
  for (const char* command : {"MAIL FROM:<>", "RCPT TO:<postmaster@lab.test>"}) {
    client.say(command);
    EXPECT_THAT(client.reply(), StartsWith("250 2.1."));
  }
  client.say("DATA");
  EXPECT_THAT(client.reply(), StartsWith("354 "));
  client.write("Subject: x\r\n\r\ny\r\n.\r\n");
  EXPECT_THAT(client.reply(), StartsWith("250 2.0.0"));
  client.say("STARTTLS");
  EXPECT_THAT(client.reply(), StartsWith("502 "));
  client.say("QUIT");
  EXPECT_THAT(client.reply(), StartsWith("221 "));
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(seen().sessions, 1U);
  EXPECT_EQ(seen().quits, 1U);
  EXPECT_FALSE(seen().talked_early);
  EXPECT_EQ(seen().lines.front(), "ehlo probe.lab.test");
}

TEST_F(MailHostTest, refused_and_drop_differ_for_connect) {
  TestClient refused(io_, tcp::endpoint(asio::ip::make_address("127.77.3.9"), play("ok").port()));
  EXPECT_FALSE(refused.connected());
  EXPECT_EQ(refused.error(), ECONNREFUSED);
  host_->play(behaviour_book().find("drop"));
  TestClient dropped(io_, host_->endpoint());
  EXPECT_FALSE(dropped.connected(300ms));
  EXPECT_EQ(dropped.error(), 0);
}

TEST_F(MailHostTest, changes_its_behaviour_at_run_time) {
  play("refused");
  host_->play(behaviour_book().find("ok"));
  const tcp::endpoint at = host_->endpoint();
  EXPECT_THAT(TestClient(io_, at).reply(), StartsWith("220 "));
  host_->play(behaviour_book().find("banner_421"));
  EXPECT_THAT(TestClient(io_, at).reply(), StartsWith("421 4.3.2"));
  host_->play(behaviour_book().find("refused"));
  TestClient refused(io_, at);
  EXPECT_FALSE(refused.connected());
  EXPECT_EQ(refused.error(), ECONNREFUSED);
}

TEST_F(MailHostTest, silent_close_and_reset_say_nothing) {
  EXPECT_TRUE(TestClient(io_, play("silent")).silent_for(200ms));
  TestClient closed(io_, play("close"));
  EXPECT_EQ(closed.rest(), "");
  EXPECT_TRUE(closed.ended());
  TestClient reset(io_, play("reset"));
  reset.rest();
  EXPECT_EQ(reset.error(), ECONNRESET);
}

TEST_F(MailHostTest, greets_with_what_the_book_says) {
  EXPECT_EQ(greeting("banner_421"), "421 4.3.2 mx too busy, try later\r\n");
  EXPECT_EQ(greeting("banner_450"), "450 4.3.2 try later\r\n");
  EXPECT_EQ(greeting("banner_554"), "554 5.7.1 no SMTP service for you\r\n");
  EXPECT_EQ(greeting("banner_throttled"), "421 4.7.0 too many connections\r\n");
  EXPECT_EQ(greeting("banner_throttled_451"), "451 4.7.500 server busy, try later\r\n");
  EXPECT_EQ(TestClient(io_, play("banner_ssh")).rest(32), "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
  EXPECT_EQ(greeting("banner_http"), "HTTP/1.1 408 Request Timeout\r\n");
  EXPECT_EQ(greeting("banner_bare_lf"), "220 mx.lab.test ESMTP\n");
  EXPECT_EQ(greeting("banner_pix"), "220 ************************\r\n");
  EXPECT_EQ(greeting("banner_mixed_codes"), "220-mx.lab.test ESMTP\r\n250 mx.lab.test hello\r\n");
  EXPECT_EQ(greeting("banner_drip_fast"), "220 mx.lab.test ESMTP\r\n");
  EXPECT_EQ(greeting("banner_binary"), std::string("220 \0\x1b[2J\xff\xfe\x80 ESMTP\r\n", 20));
  EXPECT_EQ(greeting("greet_multiline"), "220-mx.lab.test ESMTP\r\n220-no spam\r\n220 thanks\r\n");
}

TEST_F(MailHostTest, a_rejected_client_may_still_quit) {
  TestClient client(io_, play("banner_554"));
  client.reply();
  client.say("EHLO probe");
  EXPECT_THAT(client.reply(), StartsWith("503 "));
  client.say("QUIT");
  EXPECT_THAT(client.reply(), StartsWith("221 "));
}

TEST_F(MailHostTest, a_garbage_greeting_never_ends_its_last_line) {
  TestClient client(io_, play("banner_garbage"));
  EXPECT_EQ(client.rest(31), "Welcome to mx.lab.test\r\nlogin: ") << "then silence";
  EXPECT_FALSE(client.ended());
}

TEST_F(MailHostTest, floods_until_the_client_leaves) {
  {
    TestClient client(io_, play("banner_endless"));
    EXPECT_GE(client.rest(1 << 20).size(), 1U << 20);
  }
  EXPECT_TRUE(run_until(io_, [&] { return seen().open_now == 0; }));
  TestClient huge(io_, play("banner_huge_line"));
  const std::string line = huge.rest(4 + 655360 * 16);
  EXPECT_EQ(line.size(), 4U + 655360U * 16U);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST_F(MailHostTest, knows_who_talks_before_the_greeting_is_complete) {
  TestClient early(io_, play("greet_pause"));
  early.connected();
  early.say("EHLO too.soon");
  early.reply();
  EXPECT_TRUE(seen().talked_early);
  TestClient patient(io_, play("greet_pause"));
  EXPECT_THAT(patient.reply(), HasSubstr("220 mx.lab.test go ahead"));
  patient.say("EHLO in.time");
  patient.reply();
  EXPECT_FALSE(seen().talked_early);
}

TEST_F(MailHostTest, answers_ehlo_with_what_the_book_says) {
  const std::pair<const char*, const char*> expected[] = {
      {"ehlo_502", "502 "},      {"ehlo_550", "550 5.7.1"}, {"ehlo_421", "421 4.7.0"},   {"ehlo_421_busy", "421 4.3.2"},
      {"ehlo_garbage", "hello"}, {"ehlo_close", ""},        {"ehlo_lower_case", "250-"}, {"ehlo_tarpit", "250-"}};
  for (const auto& [behaviour, answer] : expected) {
    TestClient client(io_, play(behaviour));
    client.reply();
    client.say("EHLO probe.lab.test");
    EXPECT_THAT(client.reply(), StartsWith(answer)) << behaviour;
  }
}

TEST_F(MailHostTest, shows_the_certificate_that_it_is_told_to) {
  const std::pair<const char*, long> expected[] = {
      {"tls_ok", X509_V_OK},
      {"tls_chained", X509_V_OK},
      {"tls_selfsigned", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
      {"tls_untrusted", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
      {"tls_incomplete", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
      {"tls_expired", X509_V_ERR_CERT_HAS_EXPIRED},
      {"tls_not_yet_valid", X509_V_ERR_CERT_NOT_YET_VALID},
      {"tls_wrongname", X509_V_ERR_HOSTNAME_MISMATCH},
  };
  for (const auto& [behaviour, verdict] : expected) {
    TestClient client(io_, play(behaviour));
    EXPECT_THAT(ask_for_tls(client), StartsWith("220 "));
    ASSERT_TRUE(handshake(client)) << behaviour;
    const long seen_verdict = client.verify_result();
    if (verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) {
      EXPECT_THAT(seen_verdict, testing::AnyOf(verdict, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)) << behaviour;
    } else {
      EXPECT_EQ(seen_verdict, verdict) << behaviour;
    }
    client.say("EHLO probe.lab.test");
    EXPECT_EQ(client.reply().find("STARTTLS"), std::string::npos) << "not inside TLS";
  }
}

TEST_F(MailHostTest, plays_old_versions_and_weak_keys) {
  for (const auto& [behaviour, version] :
       {std::pair{"tls_10", "TLSv1"}, std::pair{"tls_11", "TLSv1.1"}, std::pair{"tls_12", "TLSv1.2"}}) {
    TestClient client(io_, play(behaviour));
    ask_for_tls(client);
    ASSERT_TRUE(handshake(client)) << behaviour;
    EXPECT_EQ(client.version(), version);
  }
  TestClient client(io_, play("tls_weak"));
  ask_for_tls(client);
  ASSERT_TRUE(handshake(client));
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(client.certificate())), 1024);
}

TEST_F(MailHostTest, breaks_starttls_in_each_way) {
  const std::pair<const char*, const char*> refusals[] = {{"starttls_454", "454 4.7.0"}, {"starttls_501", "501 "}};
  for (const auto& [behaviour, answer] : refusals) {
    TestClient client(io_, play(behaviour));
    EXPECT_THAT(ask_for_tls(client), StartsWith(answer));
  }
  for (const char* behaviour :
       {"starttls_garbage", "starttls_close", "starttls_reset", "tls_flight_close", "tls_flight_reset"}) {
    TestClient client(io_, play(behaviour));
    EXPECT_THAT(ask_for_tls(client), StartsWith("220 "));
    EXPECT_FALSE(handshake(client)) << behaviour;
  }
  TestClient injected(io_, play("starttls_injection"));
  EXPECT_EQ(ask_for_tls(injected), "220 2.0.0 ready\r\n");
  EXPECT_EQ(injected.rest(14, 500ms), "250 injected\r\n");
}

TEST_F(MailHostTest, stalls_a_flight_after_so_many_bytes) {
  TestClient client(io_, play("tls_flight_stall"));
  ask_for_tls(client);
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Tls hello(SSL_new(context.get()));
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(hello.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(hello.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  client.write(bytes);
  EXPECT_EQ(client.rest(501, 500ms).size(), 500U);
  EXPECT_FALSE(client.ended());
}

TEST_F(MailHostTest, fails_inside_tls) {
  for (const auto& [behaviour, answer] :
       {std::pair{"tls_then_close", ""}, std::pair{"tls_then_421", "421 4.3.2"}, std::pair{"tls_then_reset", ""}}) {
    TestClient client(io_, play(behaviour));
    ask_for_tls(client);
    ASSERT_TRUE(handshake(client));
    client.say("EHLO probe.lab.test");
    EXPECT_THAT(client.reply(), StartsWith(answer)) << behaviour;
  }
  TestClient client(io_, play("tls_then_silence"));
  ask_for_tls(client);
  ASSERT_TRUE(handshake(client));
  client.say("EHLO probe.lab.test");
  EXPECT_TRUE(client.silent_for(200ms));
}

TEST_F(MailHostTest, speaks_tls_from_the_first_byte) {
  TestClient client(io_, play("implicit_ok"));
  ASSERT_TRUE(handshake(client));
  EXPECT_EQ(client.reply(), "220 mx.lab.test ESMTP\r\n");
  client.say("QUIT");
  EXPECT_THAT(client.reply(), StartsWith("221 "));
  EXPECT_FALSE(seen().talked_early);
  EXPECT_EQ(seen().handshakes, 1U);
  TestClient closed(io_, play("implicit_close"));
  EXPECT_FALSE(handshake(closed));
  TestClient stalled(io_, play("implicit_stall"));
  stalled.connected();
  stalled.write("\x16");
  EXPECT_TRUE(stalled.silent_for(100ms));
  EXPECT_FALSE(seen().talked_early);
}

TEST_F(MailHostTest, ends_open_sessions_when_it_goes) {
  TestClient client(io_, play("silent"));
  ASSERT_TRUE(run_until(io_, [&] { return seen().sessions == 1; }));
  host_.reset();
  client.rest();
  EXPECT_TRUE(client.ended() || client.error() == ECONNRESET);
}

}  // namespace
}  // namespace mxhealth::lab
