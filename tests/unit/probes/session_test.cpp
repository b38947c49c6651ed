// Longer than other files, since one fixture serves every way in which this source can end.
#include "probes/session.hpp"

#include "diagnosis/cause_of.hpp"

#include <cerrno>
#include <future>

#include "net/loopback.hpp"

namespace mxhealth::probes {
namespace {

using namespace mxhealth::test;

class SessionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { static const int keeper [[maybe_unused]] = net::open_stamp_keeper(); }

  SessionPlan plan(Peer peer) const {
    return {.peer = peer,
            .source = {},
            .names = {name("mx.example.net")},
            .dialogue = {.tls = smtp::TlsMode::if_offered, .ehlo_name = "probe.example.org"},
            .timeouts = {.connect = 2s, .banner = 2s, .reply = 2s, .tls = 2s, .session = 8s}};
  }
  SessionRun run(SessionPlan wanted) {
    begin(std::move(wanted));
    return end();
  }
  SessionRun run(const Host& host) { return run(plan(host.peer())); }

  /// One that the test does something to while it is under way.
  void begin(SessionPlan wanted) {
    done = false;
    session.emplace(tools, std::move(wanted));
    begun = clock_now();
    asio::co_spawn(io.get_executor(), session->run(), [this](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
      done = true;
    });
  }
  SessionRun end() {
    EXPECT_TRUE(run_until(io, [this] { return done; }));
    took = clock_now() - begun;
    return session->take_result();
  }

  tls::testing::Issued leaf = tls::testing::self_signed(valid_today("mx.example.net"));
  Identity identity{leaf};
  asio::io_context io{1};
  net::Wheel wheel{io};
  net::SslContext context = net::make_probe_context();
  tls::ChainJudge judge{tls::TrustStore::trusting_nobody()};
  std::array<char, 16384> scratch{};
  net::SessionTools tools{.io = io, .wheel = wheel, .tls = context.get(), .judge = judge, .scratch = scratch};
  std::optional<Session> session;
  bool done = false;
  Mono begun{};
  Duration took{};
};

std::vector<std::string> spoken(const SessionRun& run) {
  std::vector<std::string> lines;
  for (const TranscriptLine& line : run.transcript.lines())
    lines.push_back((line.speaker == Speaker::we       ? "C: "
                     : line.speaker == Speaker::server ? "S: "
                                                       : "-- ") +
                    line.text);
  return lines;
}

void take_quit(Talk& talk) {
  EXPECT_EQ(talk.line(), "QUIT");
  talk.say("221 bye\r\n");
  EXPECT_EQ(talk.rest(), "");
}

void plain(Talk& talk) {
  talk.say("220 mx.example.net ESMTP\r\n");
  EXPECT_EQ(talk.line(), "EHLO probe.example.org");
  talk.say("250-mx.example.net\r\n250 PIPELINING\r\n");
  take_quit(talk);
}

// --- what is said

TEST_F(SessionTest, a_plain_session_is_written_down_word_by_word) {
  Host host(plain);
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::complete);
  EXPECT_EQ(spoken(result),
            (std::vector<std::string>{"-- connected to " + to_string(host.peer()), "S: 220 mx.example.net ESMTP",
                                      "C: EHLO probe.example.org", "S: 250-mx.example.net", "S: 250 PIPELINING",
                                      "C: QUIT", "S: 221 bye"}));
  ASSERT_TRUE(result.clear.has_value());
  EXPECT_TRUE(result.clear->esmtp);
  EXPECT_TRUE(result.clear->pipelining);
  EXPECT_FALSE(result.tls.has_value());
  ASSERT_EQ(result.replies.size(), 2U);  // QUIT's is left out
  EXPECT_EQ(result.replies[1].phase, Phase::ehlo);
  for (const Phase phase : {Phase::connect, Phase::banner, Phase::ehlo, Phase::quit}) {
    EXPECT_TRUE(result.at(phase).begun) << label(phase);
    EXPECT_TRUE(result.at(phase).completed) << label(phase);
    EXPECT_GT(result.at(phase).duration, 0ns) << label(phase);
    EXPECT_EQ(result.at(phase).clock, Clock::kernel) << label(phase);
  }
  for (const Phase phase : {Phase::starttls, Phase::tls, Phase::ehlo_tls}) EXPECT_FALSE(result.at(phase).begun);
}

TEST_F(SessionTest, nothing_is_said_before_the_last_line_of_the_greeting) {
  Host host([](Talk& talk) {
    talk.say("220-please wait\r\n");
    EXPECT_TRUE(talk.silent_for(200ms));
    talk.say("220-still\r\n22");
    EXPECT_TRUE(talk.silent_for(100ms));
    talk.say("0");
    EXPECT_TRUE(talk.silent_for(100ms));
    talk.say(" now\r\n");
    EXPECT_EQ(talk.line(), "EHLO probe.example.org");
    talk.say("250 mx\r\n");
    take_quit(talk);
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::complete);
  EXPECT_GE(result.at(Phase::banner).duration, 390ms);
}

TEST_F(SessionTest, helo_follows_a_refused_ehlo_in_the_same_phase) {
  Host host([](Talk& talk) {
    talk.say("220 old\r\n");
    EXPECT_EQ(talk.line(), "EHLO probe.example.org");
    talk.silent_for(60ms);
    talk.say("502 what?\r\n");
    EXPECT_EQ(talk.line(), "HELO probe.example.org");
    talk.silent_for(60ms);
    talk.say("250 hello\r\n");
    take_quit(talk);
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::complete);
  ASSERT_TRUE(result.clear.has_value());
  EXPECT_FALSE(result.clear->esmtp);
  EXPECT_GE(result.at(Phase::ehlo).duration, 110ms);
}

TEST_F(SessionTest, starttls_ehlo_again_quit) {
  Host host([this](Talk& talk) {
    talk.say("220 mx\r\n");
    EXPECT_EQ(talk.line(), "EHLO probe.example.org");
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    EXPECT_EQ(talk.line(), "STARTTLS");
    talk.say("220 go\r\n");
    ASSERT_TRUE(talk.start_tls(identity));
    EXPECT_EQ(talk.line(), "EHLO probe.example.org");
    talk.say("250-mx\r\n250 AUTH PLAIN\r\n");
    take_quit(talk);
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::complete) << result.tls_error;
  EXPECT_TRUE(result.clear->starttls);
  ASSERT_TRUE(result.secure.has_value());
  EXPECT_EQ(result.secure->auth, std::vector<std::string>{"PLAIN"});
  ASSERT_TRUE(result.tls.has_value());
  EXPECT_EQ(result.tls->version, "TLSv1.3");
  EXPECT_EQ(result.tls->sni, name("mx.example.net"));
  ASSERT_TRUE(result.tls->chain.has_value());
  EXPECT_EQ(result.tls->chain->verdict, ChainVerdict::untrusted);
  EXPECT_TRUE(result.tls->chain->self_signed);
  EXPECT_LT(valid_today("x").until - result.tls->chain->leaf_not_after, 1min);  // made a moment ago
  ASSERT_EQ(result.tls->chain->names.size(), 1U);
  EXPECT_TRUE(result.tls->chain->names[0].matches);
  for (const Phase phase : {Phase::starttls, Phase::tls, Phase::ehlo_tls, Phase::quit}) {
    EXPECT_TRUE(result.at(phase).completed) << label(phase);
    EXPECT_GT(result.at(phase).duration, 0ns) << label(phase);
  }
}

// A server that repeats all it was told, as a debugging one does.
TEST_F(SessionTest, a_password_is_sent_and_never_kept) {
  const std::string encoded = "AHByb2JlAGh1bnRlcjI=";  // \0probe\0hunter2
  std::atomic<bool> was_sent = false;
  Host host([&](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    talk.line();
    talk.say("220 go\r\n");
    ASSERT_TRUE(talk.start_tls(identity));
    talk.line();
    talk.say("250-mx\r\n250 AUTH PLAIN\r\n");
    was_sent = talk.line() == "AUTH PLAIN " + encoded;
    talk.say("535-5.7.8 you said " + encoded + "\r\n535-5.7.8 hun\r\n535 ter2 or aHVudGVyMg==\r\n");
    talk.line();
    talk.say("221 bye hunter2\r\n");
  });
  SessionPlan wanted = plan(host.peer());
  wanted.dialogue.auth = smtp::AuthPlan{.login = {.user = "probe", .password = Secret("hunter2")},
                                        .trust = smtp::Trust::encrypted,
                                        .server = name("mx.example.net"),
                                        .nonce = "abc"};
  const SessionRun result = run(std::move(wanted));
  EXPECT_TRUE(was_sent);
  ASSERT_TRUE(result.auth && result.auth->reply);
  EXPECT_EQ(result.auth->reply->code, 535);
  EXPECT_TRUE(result.at(Phase::auth).completed);
  EXPECT_GT(result.at(Phase::auth).duration, 0ns);
  std::string kept;
  for (const std::string& line : spoken(result)) kept += line + "\n";
  for (const ReplyFact& reply : result.replies) kept += reply.text + "\n";
  EXPECT_NE(kept.find("C: AUTH PLAIN ***\n"), std::string::npos);
  EXPECT_NE(kept.find("S: 535-5.7.8 ***\nS: 535-5.7.8 ***\nS: 535 ***\n"), std::string::npos);
  for (const std::string secret : {"hunter2", "aHVudGVyMg", "AHByb2JlAGh1bnRlcjI", "hun", "ter2"})
    EXPECT_EQ(kept.find(secret), std::string::npos) << kept;
}

// Scram's challenges are what guessing a password offline begins with.
TEST_F(SessionTest, challenges_are_not_kept_either) {
  Host host([&](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250-mx\r\n250 AUTH SCRAM-SHA-256\r\n");
    talk.line();
    talk.say("334 cj1hYmN4LHM9YWJjZCxpPTQwOTY=\r\n");  // r=abcx,s=abcd,i=4096
    talk.line();
    talk.say("535 5.7.8 no\r\n");
    take_quit(talk);
  });
  SessionPlan wanted = plan(host.peer());
  wanted.dialogue.tls = smtp::TlsMode::from_first_byte;
  wanted.dialogue.auth = smtp::AuthPlan{.login = {.user = "probe", .password = Secret("hunter2")},
                                        .trust = smtp::Trust::encrypted,
                                        .server = name("mx.example.net"),
                                        .nonce = "abc"};
  const std::vector<std::string> lines = spoken(run(std::move(wanted)));
  const std::vector<std::string> login{"C: AUTH SCRAM-SHA-256 ***", "S: 334 ***", "C: ***", "S: 535 5.7.8 ***"};
  EXPECT_NE(std::ranges::search(lines, login).begin(), lines.end());
}

TEST_F(SessionTest, of_several_envelopes_the_first_is_timed) {
  Host host([](Talk& talk) {
    talk.say("220 mx\r\n");
    for (std::string line = talk.line(); line != "QUIT" && line != "(gone)"; line = talk.line()) {
      if (line == "RSET") talk.silent_for(150ms);
      talk.say("250 yes\r\n");
    }
    talk.say("221 bye\r\n");
  });
  SessionPlan wanted = plan(host.peer());
  wanted.dialogue.envelopes = {{.from = "", .to = "a@example.net"}, {.from = "", .to = "b@example.net"}};
  const SessionRun result = run(std::move(wanted));
  EXPECT_EQ(result.envelopes.size(), 2U);
  EXPECT_LT(result.at(Phase::rcpt).duration, 100ms) << "RSET has no time of its own, and takes none of others";
  EXPECT_GT(result.at(Phase::rcpt).duration, 0ns);
  EXPECT_LT(result.at(Phase::mail).duration, 100ms);
}

TEST_F(SessionTest, tls_from_the_first_byte) {
  Host host([this](Talk& talk) {
    ASSERT_TRUE(talk.start_tls(identity));
    plain(talk);
  });
  SessionPlan wanted = plan(host.peer());
  wanted.dialogue.tls = smtp::TlsMode::from_first_byte;
  const SessionRun result = run(std::move(wanted));
  EXPECT_EQ(result.ending, Ending::complete);
  EXPECT_TRUE(result.at(Phase::tls).completed);
  EXPECT_TRUE(result.at(Phase::banner).completed);
}

TEST_F(SessionTest, an_unwelcome_greeting_is_still_answered_with_quit) {
  Host host([](Talk& talk) {
    talk.say("554 5.7.1 no\r\n");
    take_quit(talk);
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::refused_by_reply);
  EXPECT_EQ(result.replies.back().enhanced, "5.7.1");
}

TEST_F(SessionTest, what_stands_behind_the_go_ahead_in_clear_ends_the_session_without_quit) {
  Host host([](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    talk.line();
    talk.say("220 go\r\n250 injected\r\n");
    EXPECT_EQ(talk.rest(), "");
  });
  EXPECT_EQ(run(host).ending, Ending::bytes_after_starttls);
}

TEST_F(SessionTest, a_missing_221_harms_nobody) {
  Host host([](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250 mx\r\n");
    EXPECT_EQ(talk.rest(), "QUIT\r\n");
  });
  SessionPlan wanted = plan(host.peer());
  wanted.timeouts.reply = 300ms;
  const SessionRun result = run(std::move(wanted));
  EXPECT_EQ(result.ending, Ending::complete);
  EXPECT_FALSE(result.at(Phase::quit).completed);
  EXPECT_GE(took, 300ms);
  EXPECT_LT(took, 3s);
}

TEST_F(SessionTest, unsolicited_replies_neither_hang_nor_make_time_run_backwards) {
  Host host([](Talk& talk) {
    talk.say("220 mx\r\n250 nobody asked\r\n250-nor\r\n250 this\r\n");
    talk.rest();
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::complete);
  for (const PhaseRun& phase : result.phases) EXPECT_GE(phase.duration, 0ns);
  EXPECT_EQ(spoken(result).back(), "S: 250 this");
}

// --- how it is timed

TEST_F(SessionTest, phases_are_timed_by_arrival_while_the_loop_is_busy) {
  Host host([](Talk& talk) {
    talk.silent_for(60ms);
    talk.say("220 mx\r\n");
    talk.line();
    talk.silent_for(60ms);
    talk.say("250 mx\r\n");
    take_quit(talk);
  });
  begin(plan(host.peer()));
  for (int i = 0; i < 6; ++i) {
    io.restart();
    io.poll();
    be_busy_until(clock_now() + 250ms);
  }
  const SessionRun result = end();
  ASSERT_EQ(result.ending, Ending::complete);
  EXPECT_LT(result.at(Phase::connect).duration, 60ms);
  for (const Phase phase : {Phase::banner, Phase::ehlo}) {
    EXPECT_GE(result.at(phase).duration, 55ms) << label(phase);
    EXPECT_LT(result.at(phase).duration, 200ms) << label(phase);
  }
}

TEST_F(SessionTest, a_silent_step_ends_by_its_own_deadline) {
  Host host([](Talk& talk) { EXPECT_EQ(talk.rest(), ""); });
  SessionPlan wanted = plan(host.peer());
  wanted.timeouts.banner = 200ms;
  const SessionRun result = run(std::move(wanted));
  EXPECT_EQ(result.ending, Ending::timed_out);
  EXPECT_EQ(result.ended_in, Phase::banner);
  EXPECT_FALSE(result.total_deadline);
  EXPECT_EQ(spoken(result).back(), "-- ended in banner: no reply in time");
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 2s);
}

TEST_F(SessionTest, the_sessions_own_deadline_says_so) {
  Host host([](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.rest();
  });
  SessionPlan wanted = plan(host.peer());
  wanted.timeouts.session = 200ms;
  const SessionRun result = run(std::move(wanted));
  EXPECT_EQ(result.ending, Ending::timed_out);
  EXPECT_EQ(result.ended_in, Phase::ehlo);
  EXPECT_TRUE(result.total_deadline);
}

TEST_F(SessionTest, a_server_that_drips_costs_its_step_and_no_more) {
  Host host([](Talk& talk) {
    const std::string greeting = "220 " + std::string(400, 'x');
    for (const char octet : greeting)
      if (!talk.say({&octet, 1}) || !talk.silent_for(20ms)) return;
  });
  SessionPlan wanted = plan(host.peer());
  wanted.timeouts.banner = 400ms;
  const SessionRun result = run(std::move(wanted));
  EXPECT_EQ(result.ending, Ending::timed_out);
  EXPECT_EQ(result.ended_in, Phase::banner);
  EXPECT_LT(took, 2s);
}

TEST_F(SessionTest, an_endless_greeting_ends_at_its_bound) {
  Host host([](Talk& talk) {
    while (talk.say("220-and one more line of a greeting that never ends\r\n")) {
    }
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::reply_too_long);
  EXPECT_LE(result.transcript.lines().size(), kMaxTranscriptLines + 1);
}

TEST_F(SessionTest, a_line_without_end_ends_at_its_bound) {
  Host host([](Talk& talk) {
    while (talk.say(std::string(4096, 'x'))) {
    }
  });
  const SessionRun result = run(host);
  EXPECT_TRUE(result.ending == Ending::reply_too_long || result.ending == Ending::not_smtp);
  for (const TranscriptLine& line : result.transcript.lines()) EXPECT_LE(line.text.size(), kMaxTranscriptLine + 3);
}

// --- how it breaks

TEST_F(SessionTest, refused_and_reset_and_closed_are_told_apart) {
  SessionRun result = run(plan(closed_peer()));
  EXPECT_EQ(result.ending, Ending::connect_failed);
  EXPECT_EQ(result.error, ECONNREFUSED);
  EXPECT_EQ(result.ended_in, Phase::connect);
  EXPECT_FALSE(result.at(Phase::connect).completed);
  {
    Host host([](Talk& talk) { talk.reset_at_end(); });
    result = run(host);
    // A reset that is there before we look belongs to connect(): the same cause, one phase earlier.
    EXPECT_EQ(result.error, ECONNRESET);
    EXPECT_TRUE(result.ended_in == Phase::banner || result.ended_in == Phase::connect);
    EXPECT_EQ(diagnosis::cause_of(result, TlsPolicy::opportunistic)->cause, Cause::connect_reset);
  }
  Host host([](Talk& talk) { talk.say("220 mx.exa"); });
  result = run(host);
  EXPECT_EQ(result.ending, Ending::peer_closed);
  EXPECT_EQ(spoken(result).back(), "-- ended in banner: the server closed the connection");
}

TEST_F(SessionTest, no_route_and_no_such_source_are_ours) {
  SessionRun result = run(plan({address("127.255.255.255"), 25}));
  EXPECT_EQ(result.ending, Ending::local_failure);
  EXPECT_EQ(result.error, ENETUNREACH);
  Host host(plain);
  SessionPlan wanted = plan(host.peer());
  wanted.source = address("192.0.2.1");
  result = run(std::move(wanted));
  EXPECT_EQ(result.error, EADDRNOTAVAIL);
}

TEST_F(SessionTest, a_handshake_that_fails_keeps_the_reason) {
  Host host([](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    talk.line();
    talk.say("220 go\r\n");
    talk.silent_for(5s);
    talk.say("this is no TLS\r\n");
    talk.rest();
  });
  const SessionRun result = run(host);
  EXPECT_EQ(result.ending, Ending::tls_failed);
  EXPECT_EQ(result.ended_in, Phase::tls);
  EXPECT_NE(result.tls_error, "");
  EXPECT_TRUE(result.clear.has_value());  // what was learnt before stays
}

// --- drain

TEST_F(SessionTest, drained_before_the_greeting_it_closes_at_once_without_a_word) {
  std::promise<std::string> heard;
  Host host([&](Talk& talk) { heard.set_value(talk.rest()); });
  begin(plan(host.peer()));
  ASSERT_TRUE(run_until(io, [&] { return host.sessions() == 1; }));
  run_for(io, 20ms);
  begun = clock_now();
  session->drain();
  EXPECT_EQ(end().ending, Ending::stopped);
  EXPECT_LT(took, 1s);
  EXPECT_EQ(heard.get_future().get(), "");
}

TEST_F(SessionTest, drained_while_connecting_it_ends_at_once) {
  const SilentPeer silent;
  begin(plan(silent.peer()));
  run_for(io, 20ms);
  begun = clock_now();
  session->drain();
  EXPECT_EQ(end().ending, Ending::stopped);
  EXPECT_LT(took, 1s);
}

TEST_F(SessionTest, drained_in_dialogue_it_takes_the_reply_and_quits) {
  std::promise<void> asked;
  Host host([&](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    asked.set_value();
    talk.silent_for(200ms);
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    take_quit(talk);  // not STARTTLS
  });
  begin(plan(host.peer()));
  auto future = asked.get_future();
  ASSERT_TRUE(run_until(io, [&] { return future.wait_for(0s) == std::future_status::ready; }));
  session->drain();
  EXPECT_EQ(end().ending, Ending::stopped);
}

TEST_F(SessionTest, drained_while_the_server_is_silent_it_ends_within_the_drain_wait) {
  std::promise<void> asked;
  Host host([&](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    asked.set_value();
    EXPECT_EQ(talk.rest(), "");  // the last command has no reply yet
  });
  SessionPlan wanted = plan(host.peer());
  wanted.timeouts.reply = 8s;
  begin(std::move(wanted));
  auto future = asked.get_future();
  ASSERT_TRUE(run_until(io, [&] { return future.wait_for(0s) == std::future_status::ready; }));
  begun = clock_now();
  session->drain();
  EXPECT_EQ(end().ending, Ending::stopped);  // by us: the server had more time than that
  EXPECT_GE(took, kDrainWait);
  EXPECT_LT(took, kDrainWait + 1s);
}

TEST_F(SessionTest, drained_inside_a_handshake_it_closes_at_once) {
  std::promise<void> asked;
  Host host([&](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    talk.line();
    talk.say("220 go\r\n");
    talk.silent_for(5s);
    asked.set_value();
    talk.rest();
  });
  begin(plan(host.peer()));
  auto future = asked.get_future();
  ASSERT_TRUE(run_until(io, [&] { return future.wait_for(0s) == std::future_status::ready; }));
  begun = clock_now();
  session->drain();
  EXPECT_EQ(end().ending, Ending::stopped);
  EXPECT_LT(took, 1s);
}

TEST_F(SessionTest, drained_while_it_waits_for_the_221_it_waits_no_longer_than_the_drain_allows) {
  std::promise<void> asked;
  Host host([&](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250 mx\r\n");
    EXPECT_EQ(talk.line(), "QUIT");
    asked.set_value();
    talk.rest();
  });
  SessionPlan wanted = plan(host.peer());
  wanted.timeouts.reply = 8s;
  begin(std::move(wanted));
  auto future = asked.get_future();
  ASSERT_TRUE(run_until(io, [&] { return future.wait_for(0s) == std::future_status::ready; }));
  begun = clock_now();
  session->drain();
  EXPECT_EQ(end().ending, Ending::complete);
  EXPECT_LT(took, kDrainWait + 1s);
}

}  // namespace
}  // namespace mxhealth::probes
