// Longer than other files, since one fixture serves every way in which this source can end.
#include "net/tls_link.hpp"

#include <boost/asio/steady_timer.hpp>
#include <future>

#include "net/loopback.hpp"
#include "tls/chain.hpp"

namespace mxhealth::net {
namespace {

using namespace mxhealth::test;
namespace certificates = tls::testing;

const ServerName kHost = name("mx.example.net");

class TlsLinkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { static const int keeper [[maybe_unused]] = open_stamp_keeper(); }

  Handshake shake_hands(const Host& host, Duration limit = 5s) {
    link.set_total(clock_now() + kPatience);
    EXPECT_EQ(finish(io, link.connect(host.peer(), {})).result.end, IoEnd::ok);
    link.set_step(limit);
    secure.emplace(link, context.get());
    return finish(io, secure->handshake(kHost));
  }
  IoResult read() { return finish(io, secure->read_some(buffer)); }

  certificates::Issued leaf = certificates::self_signed(valid_today("mx.example.net"));
  Identity identity{leaf};
  asio::io_context io{1};
  Wheel wheel{io};
  SslContext context = make_probe_context();
  Link link{io, wheel};
  std::optional<TlsLink> secure;
  std::array<char, 16384> buffer{};
};

TEST_F(TlsLinkTest, a_handshake_with_an_unknown_authority_succeeds_and_keeps_the_chain) {
  std::promise<std::string> sni;
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    const char* asked = SSL_get_servername(talk.ssl(), TLSEXT_NAMETYPE_host_name);
    sni.set_value(asked != nullptr ? asked : "");
    talk.say("220 safe\r\n");
    talk.rest();
  });
  const Mono begun = clock_now();
  const Handshake shake = shake_hands(host);
  ASSERT_EQ(shake.result.end, IoEnd::ok) << shake.tls_error;
  EXPECT_EQ(shake.result.clock, Clock::kernel);
  EXPECT_GT(shake.duration, 0ns);
  EXPECT_LT(shake.duration, clock_now() - begun);
  EXPECT_EQ(std::string(SSL_get_version(secure->ssl())), "TLSv1.3");
  EXPECT_EQ(tls::Chain::served_to(secure->ssl()).served(), 1U);
  EXPECT_EQ(sni.get_future().get(), "mx.example.net");
  const IoResult got = read();
  ASSERT_EQ(got.end, IoEnd::ok);
  EXPECT_EQ(std::string_view(buffer.data(), got.size), "220 safe\r\n");
  EXPECT_EQ(got.clock, Clock::kernel);
}

TEST_F(TlsLinkTest, the_handshake_is_timed_by_arrival_while_we_are_busy) {
  Host host([&](Talk& talk) {
    talk.start_tls(identity);
    talk.rest();
  });
  link.set_total(clock_now() + kPatience);
  ASSERT_EQ(finish(io, link.connect(host.peer(), {})).result.end, IoEnd::ok);
  secure.emplace(link, context.get());
  std::optional<Handshake> shake;
  asio::co_spawn(io.get_executor(), secure->handshake(kHost),
                 [&](const std::exception_ptr&, Handshake result) { shake = std::move(result); });
  io.restart();
  io.poll();  // the ClientHello leaves
  be_busy_until(clock_now() + 500ms);
  ASSERT_TRUE(run_until(io, [&] { return shake.has_value(); }));
  ASSERT_EQ(shake->result.end, IoEnd::ok);
  EXPECT_LT(shake->duration, 400ms);
}

TEST_F(TlsLinkTest, old_versions_are_seen_not_refused) {
  identity.at_most(TLS1_VERSION);
  Host host([&](Talk& talk) {
    talk.start_tls(identity);
    talk.rest();
  });
  const Handshake shake = shake_hands(host);
  ASSERT_EQ(shake.result.end, IoEnd::ok) << shake.tls_error;
  EXPECT_EQ(std::string(SSL_get_version(secure->ssl())), "TLSv1");
}

TEST_F(TlsLinkTest, clear_text_where_tls_belongs_is_a_failure_of_tls) {
  Host host([](Talk& talk) {
    talk.say("220 this is no TLS\r\n");
    talk.rest();
  });
  const Handshake shake = shake_hands(host);
  EXPECT_EQ(shake.result.end, IoEnd::failed);
  EXPECT_EQ(shake.result.error, 0);
  EXPECT_NE(shake.tls_error.find("wrong version number"), std::string::npos) << shake.tls_error;
}

TEST_F(TlsLinkTest, an_alert_of_the_server_is_a_failure_of_tls) {
  identity.at_most(TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(identity.native(), "aNULL:@SECLEVEL=0");  // no cipher in common
  Host host([&](Talk& talk) {
    talk.start_tls(identity);
    talk.rest();
  });
  const Handshake shake = shake_hands(host);
  EXPECT_EQ(shake.result.end, IoEnd::failed);
  EXPECT_EQ(shake.result.error, 0);
  EXPECT_NE(shake.tls_error.find("alert"), std::string::npos) << shake.tls_error;
}

TEST_F(TlsLinkTest, the_end_inside_the_handshake_is_told_from_a_reset_and_from_silence) {
  {
    Host host([](Talk& talk) {
      talk.silent_for(5s);  // until the ClientHello
      std::array<char, 4096> hello;
      ::recv(talk.fd(), hello.data(), hello.size(), 0);
    });
    EXPECT_EQ(shake_hands(host).result.end, IoEnd::closed);
  }
  secure.reset();
  link.close();
  {
    Host host([](Talk& talk) {
      talk.silent_for(5s);
      talk.reset_at_end();
    });
    const Handshake shake = shake_hands(host);
    EXPECT_EQ(shake.result.end, IoEnd::failed);
    EXPECT_EQ(shake.result.error, ECONNRESET);
  }
  secure.reset();
  link.close();
  {
    Host host([](Talk& talk) { talk.rest(); });
    const Mono begun = clock_now();
    EXPECT_EQ(shake_hands(host, 150ms).result.end, IoEnd::timed_out);
    EXPECT_GE(clock_now() - begun, 150ms);
  }
}

TEST_F(TlsLinkTest, a_handshake_can_be_stopped) {
  Host host([](Talk& talk) { talk.rest(); });
  link.set_total(clock_now() + kPatience);
  ASSERT_EQ(finish(io, link.connect(host.peer(), {})).result.end, IoEnd::ok);
  secure.emplace(link, context.get());
  std::optional<Handshake> shake;
  asio::co_spawn(io.get_executor(), secure->handshake(kHost),
                 [&](const std::exception_ptr&, Handshake result) { shake = std::move(result); });
  run_for(io, 20ms);
  link.stop();
  ASSERT_TRUE(run_until(io, [&] { return shake.has_value(); }));
  EXPECT_EQ(shake->result.end, IoEnd::stopped);
}

certificates::Issued fat_leaf(std::size_t octets) {
  auto wishes = valid_today("mx.example.net");
  std::string& names = wishes.alt_names;
  for (int i = 0; names.size() < octets; ++i)
    names += ",DNS:n" + std::to_string(i) + ".a-rather-long-label.example.net";
  return certificates::self_signed(wishes);
}

TEST_F(TlsLinkTest, a_chain_just_below_the_limit_is_taken) {
  const auto fat = fat_leaf(static_cast<std::size_t>(kMaxServedChain) * 9 / 10);  // "DNS:" and "," are not in it
  const Identity large(fat);
  Host host([&](Talk& talk) {
    talk.start_tls(large);
    talk.rest();
  });
  const Handshake shake = shake_hands(host);
  EXPECT_EQ(shake.result.end, IoEnd::ok) << shake.tls_error;
}

TEST_F(TlsLinkTest, a_chain_above_the_limit_is_a_failure_of_tls) {
  const auto fat = fat_leaf(static_cast<std::size_t>(kMaxServedChain) * 3 / 2);
  const Identity large(fat);
  Host host([&](Talk& talk) {
    talk.start_tls(large);
    talk.rest();
  });
  const Handshake shake = shake_hands(host);
  EXPECT_EQ(shake.result.end, IoEnd::failed);
  EXPECT_EQ(shake.result.error, 0);
  EXPECT_NE(shake.tls_error.find("excessive message size"), std::string::npos) << shake.tls_error;
}

TEST_F(TlsLinkTest, close_notify_and_a_bare_end_are_both_closed) {
  for (const bool politely : {true, false}) {
    Host host([&](Talk& talk) {
      ASSERT_TRUE(talk.start_tls(identity));
      talk.say("bye");
      if (politely) talk.close_notify();
      talk.finish();
      talk.rest();
    });
    ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
    EXPECT_EQ(read().end, IoEnd::ok);
    EXPECT_EQ(read().end, IoEnd::closed) << politely;
    secure.reset();
    link.close();
  }
}

TEST_F(TlsLinkTest, a_goodbye_is_a_close_notify) {
  std::promise<int> end;
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    char octet = 0;
    end.set_value(SSL_get_error(talk.ssl(), SSL_read(talk.ssl(), &octet, 1)));
  });
  ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
  secure->say_goodbye();
  link.close();
  EXPECT_EQ(end.get_future().get(), SSL_ERROR_ZERO_RETURN);
}

TEST_F(TlsLinkTest, a_large_write_arrives_whole_and_a_large_answer_too) {
  const std::string big(4 << 20, 'x');
  std::promise<bool> same;
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    const std::string line = talk.line();
    same.set_value(line == big);
    talk.say(line);
    talk.rest();
  });
  ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
  link.set_step(kPatience);
  const std::string out = big + "\r\n";
  ASSERT_EQ(finish(io, secure->write_all(out)).end, IoEnd::ok);
  EXPECT_TRUE(same.get_future().get());
  std::size_t back = 0;
  while (back < big.size()) {
    const IoResult got = read();
    ASSERT_EQ(got.end, IoEnd::ok);
    back += got.size;
  }
  EXPECT_EQ(back, big.size());
}

TEST_F(TlsLinkTest, a_reset_behind_the_handshake_is_an_error_with_its_number_and_no_sigpipe) {
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    talk.reset_at_end();
  });
  ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
  const IoResult got = read();
  EXPECT_EQ(got.end, IoEnd::failed);
  EXPECT_EQ(got.error, ECONNRESET);
  const std::string_view line = "QUIT\r\n";
  EXPECT_EQ(finish(io, secure->write_all(line)).end, IoEnd::failed);
  secure->say_goodbye();
}

TEST_F(TlsLinkTest, an_answer_stamped_in_time_counts_though_the_deadline_was_called_first) {
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    talk.line();
    talk.say("250 in time\r\n");
    talk.rest();
  });
  ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
  const std::string_view line = "NOOP\r\n";
  ASSERT_EQ(finish(io, secure->write_all(line)).end, IoEnd::ok);
  be_busy_until(clock_now() + 50ms);
  link.set_step(50ms);
  run_for(io, 200ms);
  const IoResult got = read();
  EXPECT_EQ(got.end, IoEnd::ok);
}

TEST_F(TlsLinkTest, an_answer_in_time_counts_though_the_deadline_is_found_first) {
  std::promise<void> go;
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    go.get_future().wait_for(kPatience);
    talk.say("250 in time\r\n");
    talk.rest();
  });
  ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
  run_for(io, 20ms);
  link.set_step(150ms);
  std::optional<IoResult> got;
  asio::co_spawn(io.get_executor(), secure->read_some(buffer),
                 [&](const std::exception_ptr&, IoResult result) { got = result; });
  run_for(io, 20ms);  // the session tickets are behind us
  Crowd crowd(io);
  crowd.shout();
  go.set_value();
  be_busy_until(clock_now() + 400ms);
  ASSERT_TRUE(run_until(io, [&] { return got.has_value(); }));
  EXPECT_EQ(got->end, IoEnd::ok);
}

TEST_F(TlsLinkTest, a_handshake_in_time_counts_though_the_deadline_is_found_first) {
  Host host([&](Talk& talk) {
    talk.start_tls(identity);
    talk.rest();
  });
  link.set_total(clock_now() + kPatience);
  ASSERT_EQ(finish(io, link.connect(host.peer(), {})).result.end, IoEnd::ok);
  secure.emplace(link, context.get());
  Crowd crowd(io);
  link.set_step(300ms);
  std::optional<Handshake> shake;
  asio::co_spawn(io.get_executor(), secure->handshake(kHost),
                 [&](const std::exception_ptr&, Handshake result) { shake = std::move(result); });
  crowd.shout();
  io.restart();
  io.poll_one();  // the ClientHello leaves
  be_busy_until(clock_now() + 600ms);
  ASSERT_TRUE(run_until(io, [&] { return shake.has_value(); }));
  EXPECT_EQ(shake->result.end, IoEnd::ok);
}

// RFC 8446 section 4.6.3: a KeyUpdate carries nothing for us; a server may send as many as it likes.
TEST_F(TlsLinkTest, a_flood_below_the_application_holds_up_neither_the_loop_nor_the_deadline) {
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    while (SSL_key_update(talk.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(talk.ssl()) == 1) {
    }
  });
  ASSERT_EQ(shake_hands(host).result.end, IoEnd::ok);
  Mono last = clock_now();
  Duration longest{};
  asio::steady_timer beat(io);
  std::function<void()> on = [&] {
    longest = std::max(longest, Duration(clock_now() - last));
    last = clock_now();
    beat.expires_after(10ms);
    beat.async_wait([&](const boost::system::error_code& error) {
      if (!error) on();
    });
  };
  on();
  const Mono begun = clock_now();
  link.set_step(300ms);
  EXPECT_EQ(read().end, IoEnd::timed_out);
  EXPECT_LT(clock_now() - begun, 10s);  // without a bound it would never end
  EXPECT_LT(longest, 5s);
}

}  // namespace
}  // namespace mxhealth::net
