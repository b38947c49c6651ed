// Longer than other files, since one fixture serves every way in which this source can end.
#include "net/link.hpp"

#include <cerrno>
#include <csignal>
#include <future>

#include "net/loopback.hpp"

namespace mxhealth::net {
namespace {

using namespace mxhealth::test;

class LinkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const int keeper = open_stamp_keeper();
    EXPECT_GE(keeper, 0);
  }
  void SetUp() override { link.set_total(clock_now() + kPatience); }

  Connected connect(Peer peer, std::optional<Address> source = {}) { return finish(io, link.connect(peer, source)); }
  IoResult read() { return finish(io, link.read_some(buffer)); }
  IoResult write(std::string_view text) { return finish(io, link.write_all(text)); }
  std::string text(const IoResult& got) const { return {buffer.data(), got.size}; }

  /// Begins to read, and says when it has ended.
  void begin_read() {
    asio::co_spawn(io.get_executor(), link.read_some(buffer), [this](const std::exception_ptr&, IoResult got) {
      ended = got;
      ended_at = clock_now();
    });
  }
  void wait_for_end() {
    ASSERT_TRUE(run_until(io, [&] { return ended.has_value(); }));
  }

  asio::io_context io{1};
  Wheel wheel{io};
  Link link{io, wheel};
  std::array<char, 4096> buffer{};
  std::optional<IoResult> ended;
  Mono ended_at{};
};

void until_gone(Talk& talk) { talk.rest(); }

// --- connect

TEST_F(LinkTest, connects_and_measures_the_round_trip_by_the_kernel) {
  Host host(until_gone);
  const Mono begun = clock_now();
  const Connected connected = connect(host.peer());
  ASSERT_EQ(connected.result.end, IoEnd::ok);
  EXPECT_EQ(connected.result.clock, Clock::kernel);
  EXPECT_GT(connected.round_trip, 0ns);
  EXPECT_LT(connected.round_trip, 50ms);
  EXPECT_GE(connected.result.at, begun);
  EXPECT_LE(connected.result.at, clock_now());
}

TEST_F(LinkTest, the_round_trip_is_not_our_own_delay) {
  Host host(until_gone);
  std::optional<Connected> connected;
  asio::co_spawn(io.get_executor(), link.connect(host.peer(), {}),
                 [&](const std::exception_ptr&, Connected result) { connected = result; });
  io.poll_one();  // the SYN leaves
  be_busy_until(clock_now() + 200ms);
  ASSERT_TRUE(run_until(io, [&] { return connected.has_value(); }));
  EXPECT_LT(connected->round_trip, 100ms);
}

TEST_F(LinkTest, refused_is_reported_before_the_deadline_and_did_leave_this_host) {
  link.set_step(5s);
  const Mono begun = clock_now();
  const Connected connected = connect(closed_peer());
  EXPECT_EQ(connected.result.end, IoEnd::failed);
  EXPECT_EQ(connected.result.error, ECONNREFUSED);
  EXPECT_FALSE(connected.never_left);
  EXPECT_LT(clock_now() - begun, 2s);
}

TEST_F(LinkTest, a_peer_that_drops_our_syn_is_a_timeout_not_an_error) {
  const SilentPeer silent;
  link.set_step(150ms);
  const Mono begun = clock_now();
  const Connected connected = connect(silent.peer());
  EXPECT_EQ(connected.result.end, IoEnd::timed_out);
  EXPECT_EQ(connected.result.error, 0);
  EXPECT_GE(clock_now() - begun, 150ms);
  EXPECT_FALSE(link.total_was_cause());
}

TEST_F(LinkTest, a_connection_made_in_time_counts_though_we_look_late) {
  Host host(until_gone);
  link.set_step(100ms);
  std::optional<Connected> connected;
  asio::co_spawn(io.get_executor(), link.connect(host.peer(), {}),
                 [&](const std::exception_ptr&, Connected result) { connected = result; });
  io.poll_one();
  be_busy_until(clock_now() + 300ms);
  ASSERT_TRUE(run_until(io, [&] { return connected.has_value(); }));
  EXPECT_EQ(connected->result.end, IoEnd::ok);
}

TEST_F(LinkTest, a_connection_made_in_time_counts_though_the_deadline_is_found_first) {
  Host host(until_gone);
  Crowd crowd(io);
  crowd.shout();
  link.set_step(100ms);
  std::optional<Connected> connected;
  asio::co_spawn(io.get_executor(), link.connect(host.peer(), {}),
                 [&](const std::exception_ptr&, Connected result) { connected = result; });
  io.restart();
  io.poll_one();
  be_busy_until(clock_now() + 300ms);
  ASSERT_TRUE(run_until(io, [&] { return connected.has_value(); }));
  EXPECT_EQ(connected->result.end, IoEnd::ok);
  EXPECT_EQ(connected->result.clock, Clock::kernel);
  EXPECT_LT(connected->round_trip, 100ms);
}

TEST_F(LinkTest, the_connection_comes_from_the_source_address_asked_for) {
  std::promise<std::string> from;
  Host host([&](Talk& talk) {
    from.set_value(talk.from());
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer(), address("127.0.0.9")).result.end, IoEnd::ok);
  EXPECT_EQ(from.get_future().get(), "127.0.0.9");
}

TEST_F(LinkTest, a_source_address_that_is_not_ours_never_leaves) {
  Host host(until_gone);
  const Connected connected = connect(host.peer(), address("192.0.2.1"));
  EXPECT_EQ(connected.result.end, IoEnd::failed);
  EXPECT_EQ(connected.result.error, EADDRNOTAVAIL);
  EXPECT_TRUE(connected.never_left);
}

TEST_F(LinkTest, no_route_never_leaves) {
  const Connected connected = connect({address("127.255.255.255"), 25});  // loopback's broadcast address
  EXPECT_EQ(connected.result.end, IoEnd::failed);
  EXPECT_EQ(connected.result.error, ENETUNREACH);
  EXPECT_TRUE(connected.never_left);
}

TEST_F(LinkTest, a_link_stopped_before_it_connects_does_not_dial) {
  Host host(until_gone);
  link.stop();
  EXPECT_EQ(connect(host.peer()).result.end, IoEnd::stopped);
  EXPECT_EQ(host.sessions(), 0);
}

// --- reading

TEST_F(LinkTest, reads_what_came_with_the_kernels_stamp) {
  Host host([](Talk& talk) {
    talk.say("220 here\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  const IoResult got = read();
  ASSERT_EQ(got.end, IoEnd::ok);
  EXPECT_EQ(text(got), "220 here\r\n");
  EXPECT_EQ(got.clock, Clock::kernel);
}

TEST_F(LinkTest, an_answer_is_dated_by_its_arrival_while_we_are_busy) {
  Host host([](Talk& talk) {
    talk.line();
    talk.silent_for(60ms);
    talk.say("250 done\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  const Mono asked = clock_now();
  ASSERT_EQ(write("NOOP\r\n").end, IoEnd::ok);
  be_busy_until(asked + 400ms);
  const IoResult got = read();
  ASSERT_EQ(got.end, IoEnd::ok);
  EXPECT_GE(got.at - asked, 55ms);
  EXPECT_LT(got.at - asked, 300ms);
}

TEST_F(LinkTest, what_the_peer_sent_before_we_asked_is_dated_by_our_clock) {
  Host host([](Talk& talk) {
    talk.say("250 nobody asked\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  be_busy_until(clock_now() + 100ms);
  ASSERT_EQ(write("NOOP\r\n").end, IoEnd::ok);
  const Mono asked = clock_now();
  const IoResult got = read();
  ASSERT_EQ(got.end, IoEnd::ok);
  EXPECT_EQ(got.clock, Clock::ours);
  EXPECT_GE(got.at, asked - 5ms);
}

TEST_F(LinkTest, silence_ends_as_timed_out_at_its_step_not_earlier) {
  Host host(until_gone);
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  const Mono begun = clock_now();
  link.set_step(120ms);
  const IoResult got = read();
  EXPECT_EQ(got.end, IoEnd::timed_out);
  EXPECT_EQ(got.error, 0);
  EXPECT_GE(clock_now() - begun, 120ms);
  EXPECT_LT(clock_now() - begun, 2s);
  EXPECT_FALSE(link.total_was_cause());
}

TEST_F(LinkTest, a_step_never_lengthens_the_total) {
  Host host(until_gone);
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  link.set_total(clock_now() + 100ms);
  link.set_step(5s);
  EXPECT_EQ(read().end, IoEnd::timed_out);
  EXPECT_TRUE(link.total_was_cause());
  link.set_step(5s);  // nor does a further one
  EXPECT_EQ(read().end, IoEnd::timed_out);
}

TEST_F(LinkTest, stopped_by_us_is_told_from_a_timeout) {
  Host host(until_gone);
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  link.set_step(5s);
  begin_read();
  run_for(io, 20ms);
  const Mono stopped = clock_now();
  link.stop();
  wait_for_end();
  EXPECT_EQ(ended->end, IoEnd::stopped);
  EXPECT_LT(ended_at - stopped, 1s);
  EXPECT_EQ(write("QUIT\r\n").end, IoEnd::stopped);  // for good
  link.set_step(5s);
  EXPECT_EQ(read().end, IoEnd::stopped);
}

TEST_F(LinkTest, data_stamped_in_time_counts_though_the_deadline_has_been_called) {
  Host host([](Talk& talk) {
    talk.say("220 in time\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  be_busy_until(clock_now() + 20ms);  // it has come
  link.set_step(50ms);
  run_for(io, 250ms);  // the deadline is called, and nobody was reading
  const IoResult got = read();
  ASSERT_EQ(got.end, IoEnd::ok);
  EXPECT_EQ(text(got), "220 in time\r\n");
}

TEST_F(LinkTest, data_stamped_after_the_deadline_is_too_late) {
  Host host([](Talk& talk) {
    talk.silent_for(200ms);
    talk.say("220 too late\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  link.set_step(50ms);
  run_for(io, 150ms);
  be_busy_until(clock_now() + 200ms);
  EXPECT_EQ(read().end, IoEnd::timed_out);
}

TEST_F(LinkTest, a_deadline_and_an_answer_found_together_are_an_answer) {
  Host host([](Talk& talk) {
    talk.silent_for(30ms);
    talk.say("220 in time\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  link.set_step(100ms);
  begin_read();
  io.restart();
  io.poll();  // waits now
  be_busy_until(clock_now() + 400ms);
  wait_for_end();
  EXPECT_EQ(ended->end, IoEnd::ok);
}

TEST_F(LinkTest, an_answer_in_time_counts_though_the_deadline_is_found_first) {
  std::promise<void> go;
  Host host([&](Talk& talk) {
    go.get_future().wait_for(kPatience);
    talk.say("220 in time\r\n");
    talk.rest();
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  Crowd crowd(io);
  link.set_step(150ms);
  begin_read();
  io.restart();
  io.poll();
  crowd.shout();
  go.set_value();
  be_busy_until(clock_now() + 400ms);
  wait_for_end();
  EXPECT_EQ(ended->end, IoEnd::ok);
}

TEST_F(LinkTest, the_end_of_the_stream_is_closed) {
  Host host([](Talk& talk) { talk.say("221 bye\r\n"); });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  std::string all;
  IoResult got = read();
  for (; got.end == IoEnd::ok; got = read()) all += text(got);
  EXPECT_EQ(all, "221 bye\r\n");
  EXPECT_EQ(got.end, IoEnd::closed);
}

// Not before: a reset that is there already is the connect's own failure.
void reset_when_spoken_to(Talk& talk) {
  talk.line();
  talk.reset_at_end();
}

TEST_F(LinkTest, a_reset_is_an_error_with_its_number) {
  Host host(reset_when_spoken_to);
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  ASSERT_EQ(write("EHLO probe.example\r\n").end, IoEnd::ok);
  const IoResult got = read();
  EXPECT_EQ(got.end, IoEnd::failed);
  EXPECT_EQ(got.error, ECONNRESET);
}

// --- writing

TEST_F(LinkTest, writing_to_a_peer_that_left_is_an_error_and_raises_no_sigpipe) {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  {
    Host host(reset_when_spoken_to);
    std::signal(SIGPIPE, SIG_DFL);  // the host ignores it for itself
    ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
    ASSERT_EQ(write("EHLO probe.example\r\n").end, IoEnd::ok);
    EXPECT_EQ(read().end, IoEnd::failed);
    const IoResult wrote = write("EHLO probe.example\r\n");
    EXPECT_EQ(wrote.end, IoEnd::failed);
    EXPECT_EQ(wrote.error, EPIPE);
  }
  std::signal(SIGPIPE, before);
}

TEST_F(LinkTest, a_large_write_arrives_whole) {
  std::promise<std::size_t> arrived;
  Host host([&](Talk& talk) {
    talk.silent_for(0ms);
    arrived.set_value(talk.rest().size());
  });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  const std::string big(8 << 20, 'x');
  const IoResult wrote = write(big);
  EXPECT_EQ(wrote.end, IoEnd::ok);
  EXPECT_EQ(wrote.size, big.size());
  link.close();
  EXPECT_EQ(arrived.get_future().get(), big.size());
}

TEST_F(LinkTest, a_peer_that_does_not_read_costs_a_writer_its_deadline) {
  std::promise<void> over;
  Host host([&](Talk&) { over.get_future().wait_for(kPatience); });
  ASSERT_EQ(connect(host.peer()).result.end, IoEnd::ok);
  link.set_step(200ms);
  const std::string big(64 << 20, 'x');
  EXPECT_EQ(write(big).end, IoEnd::timed_out);
  over.set_value();
}

TEST_F(LinkTest, a_link_may_go_while_its_deadline_is_armed) {
  Host host(until_gone);
  {
    Link gone(io, wheel);
    gone.set_total(clock_now() + 30ms);
    finish(io, gone.connect(host.peer(), {}));
  }
  EXPECT_EQ(wheel.armed(), 1U);  // the fixture's own
  run_for(io, 120ms);
}

}  // namespace
}  // namespace mxhealth::net
