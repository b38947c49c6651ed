// Longer than other files, since one fixture serves every turn that this source can take.
#include "watch/endpoint.hpp"

#include <mutex>

#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

using EndpointTest = WatchTest;
const ServerName kFirst = name("a.example.net");
const ServerName kSecond = name("b.example.net");

TEST_F(EndpointTest, a_good_session_counts_at_once_for_every_name) {
  Host host(answer_ok);
  const auto one = endpoint(host.peer(), {kSecond, kFirst});
  EXPECT_EQ(one->confirmed(kFirst), nullptr);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  ASSERT_NE(one->confirmed(kFirst), nullptr);
  EXPECT_EQ(one->confirmed(kSecond), one->confirmed(kFirst));
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::complete);
  EXPECT_EQ(attempts[0].names, (std::vector<ServerName>{kFirst, kSecond}));
  EXPECT_TRUE(one->since().has_value());
}

TEST_F(EndpointTest, it_comes_again_once_per_interval_and_never_twice_at_once) {
  Host host([](Talk& talk) {
    talk.silent_for(150ms);
    answer_ok(talk);
  });
  const auto one = endpoint(host.peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(5));
  for (std::size_t i = 1; i < attempts.size(); ++i)  // sessions of 150 ms that overlapped would end closer together
    EXPECT_GE(attempts[i].at - attempts[i - 1].at, 150ms);
}

TEST_F(EndpointTest, a_failure_without_an_answer_counts_when_it_is_repeated_after_a_while) {
  const auto one = endpoint(closed_peer(), {kFirst});
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  EXPECT_EQ(one->confirmed(kFirst), nullptr);
  EXPECT_NE(one->latest(), nullptr);
  ASSERT_TRUE(attempted(2));
  EXPECT_GE(attempts[1].at - attempts[0].at, 100ms);
  EXPECT_EQ(attempts[1].cause, Cause::connect_refused);
  ASSERT_NE(one->confirmed(kFirst), nullptr);
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::connect_failed);
  run_for(io, 300ms);
  EXPECT_EQ(attempts.size(), 2U);  // confirmed: nothing hurries any more
}

TEST_F(EndpointTest, one_failure_between_successes_changes_nothing) {
  std::atomic<int> session = 0;
  Host host([&](Talk& talk) {
    if (session++ == 1) return;  // hangs up
    answer_ok(talk);
  });
  const auto one = endpoint(host.peer(), {kFirst}, 200ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  EXPECT_EQ(attempts[1].cause, Cause::closed_before_banner);
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::complete);
  ASSERT_TRUE(attempted(3));
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::complete);
}

TEST_F(EndpointTest, what_the_server_said_counts_at_once_and_is_not_asked_again_early) {
  Host host(greet_with("554 5.7.1 no"));
  const auto one = endpoint(host.peer(), {kFirst});
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  ASSERT_NE(one->confirmed(kFirst), nullptr);
  run_for(io, 400ms);
  EXPECT_EQ(attempts.size(), 1U);
}

TEST_F(EndpointTest, a_server_that_throttles_us_is_asked_ever_less_and_keeps_its_state) {
  std::atomic<int> session = 0;
  Host host([&](Talk& talk) { session++ == 0 ? answer_ok(talk) : greet_with("421 4.7.0 too many")(talk); });
  const auto one = endpoint(host.peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  run_for(io, 2500ms);
  EXPECT_GE(attempts.size(), 4U);
  EXPECT_LE(attempts.size(), 9U);  // 25 without the back-off
  EXPECT_EQ(attempts.back().cause, Cause::throttled);
  ASSERT_NE(one->confirmed(kFirst), nullptr);
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::complete);
}

TEST_F(EndpointTest, the_back_off_ends_with_the_throttling) {
  std::atomic<int> session = 0;
  Host host([&](Talk& talk) { session++ < 2 ? greet_with("421 4.7.0 too many")(talk) : answer_ok(talk); });
  const auto one = endpoint(host.peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(3));
  const Mono good = clock_now();
  ASSERT_TRUE(attempted(8));
  EXPECT_LT(clock_now() - good, 1500ms);
}

TEST_F(EndpointTest, a_cause_of_our_own_makes_the_state_unknown_but_not_forgotten) {
  Host host(answer_ok);
  const auto one = endpoint(host.peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  config.global.source_addresses = {address("192.0.2.1")};  // is not ours
  one->use(generation());
  ASSERT_TRUE(run_until(io, [&] { return attempts.back().cause == Cause::local_resource; }));
  EXPECT_EQ(one->confirmed(kFirst), nullptr);
  ASSERT_NE(one->last_known(kFirst), nullptr);
  EXPECT_EQ(one->last_known(kFirst)->ending, Ending::complete);
}

TEST_F(EndpointTest, a_name_that_the_certificate_does_not_hold_is_asked_for_by_its_own_sni) {
  const auto for_a = tls::testing::self_signed(valid_today("a.example.net"));
  const auto for_b = tls::testing::self_signed(valid_today("b.example.net"));
  Identity a(for_a), b(for_b);
  SSL_CTX_set_tlsext_servername_arg(a.native(), b.native());
  SSL_CTX_callback_ctrl(a.native(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(+[](SSL* ssl, int*, void* other) {
                          const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
                          if (asked != nullptr && std::string_view(asked) == "b.example.net")
                            SSL_set_SSL_CTX(ssl, static_cast<SSL_CTX*>(other));
                          return SSL_TLSEXT_ERR_OK;
                        }));
  Host host(with_tls(a));
  const auto one = endpoint(host.peer(), {kFirst, kSecond});
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  EXPECT_EQ(attempts[0].names, (std::vector<ServerName>{kFirst, kSecond}));
  EXPECT_EQ(attempts[1].names, std::vector<ServerName>{kSecond});
  const SessionRun* own = one->confirmed(kSecond);
  ASSERT_NE(own, nullptr);
  ASSERT_NE(own, one->confirmed(kFirst));
  EXPECT_EQ(own->tls->sni, kSecond);
  EXPECT_TRUE(own->tls->chain->names[0].matches);
  EXPECT_EQ(host.most_open(), 1);  // one after the other
}

TEST_F(EndpointTest, one_certificate_for_all_names_needs_one_session) {
  auto wishes = valid_today("a.example.net");
  wishes.alt_names = "DNS:a.example.net,DNS:b.example.net";
  const auto both = tls::testing::self_signed(wishes);
  const Identity identity(both);
  Host host(with_tls(identity));
  const auto one = endpoint(host.peer(), {kFirst, kSecond});
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  run_for(io, 200ms);
  EXPECT_EQ(host.sessions(), 1);
}

TEST_F(EndpointTest, names_beyond_the_cap_get_no_session_of_their_own) {
  const auto leaf = tls::testing::self_signed(valid_today("other.example.net"));
  const Identity identity(leaf);
  Host host(with_tls(identity));
  std::vector<ServerName> names;
  for (int i = 0; i < 12; ++i) names.push_back(name("h" + std::to_string(i) + ".example.net"));
  const auto one = endpoint(host.peer(), names);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1 + Endpoint::kMaxOwnSni));
  run_for(io, 300ms);
  EXPECT_EQ(host.sessions(), 1 + static_cast<int>(Endpoint::kMaxOwnSni));
}

// TLS 1.1 at most and at least: of two sessions more one is refused, and the routine ones notice nothing.
TEST_F(EndpointTest, the_oldest_version_of_tls_is_found_behind_a_routine_session) {
  Identity identity(tls::testing::self_signed(valid_today(kFirst.str())));
  identity.at_most(TLS1_2_VERSION);
  SSL_CTX_set_min_proto_version(identity.native(), TLS1_1_VERSION);
  Host host(with_tls(identity));
  oldest_tls_wanted = true;
  const auto one = endpoint(host.peer(), {kFirst}, 50ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(4));
  EXPECT_EQ(one->oldest_tls(), TlsVersion::tls_1_1);
  EXPECT_EQ(oldest_tls_told, 1) << "once an hour";
  EXPECT_EQ(host.sessions(), 4 + 2);
  for (const Attempt& attempt : attempts) EXPECT_EQ(attempt.ending, Ending::complete);
}

TEST_F(EndpointTest, nobody_looks_for_the_oldest_version_of_tls_unasked) {
  const Identity identity(tls::testing::self_signed(valid_today(kFirst.str())));
  Host host(with_tls(identity));
  const auto one = endpoint(host.peer(), {kFirst}, 50ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  EXPECT_EQ(one->oldest_tls(), std::nullopt);
  EXPECT_LE(host.sessions(), 3);
}

TEST_F(EndpointTest, what_nobody_wants_any_more_ends_soon_and_is_not_counted) {
  Host host([](Talk& talk) { talk.rest(); });  // never greets
  const auto one = endpoint(host.peer(), {kFirst});
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
  one->release(kDomain, kFirst);
  EXPECT_FALSE(one->wanted());
  const Mono released = clock_now();
  ASSERT_TRUE(run_until(io, [&] { return scheduler.in_flight() == 0; }));
  EXPECT_LT(clock_now() - released, 800ms);  // not at the end of its limits
  run_for(io, 200ms);
  EXPECT_TRUE(attempts.empty());
  EXPECT_EQ(host.sessions(), 1);
}

TEST_F(EndpointTest, drained_it_ends_and_does_not_come_again) {
  Host host([](Talk& talk) { talk.rest(); });
  const auto one = endpoint(host.peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
  one->drain();
  ASSERT_TRUE(run_until(
      io, [&] { return scheduler.in_flight() == 0; }, 900ms));
  run_for(io, 250ms);
  EXPECT_EQ(host.sessions(), 1);
  EXPECT_TRUE(attempts.empty());
}

TEST_F(EndpointTest, the_shortest_interval_and_any_wish_for_tls_count) {
  const auto leaf = tls::testing::self_signed(valid_today("a.example.net"));
  const Identity identity(leaf);
  Host host(with_tls(identity));
  auto one = endpoint(host.peer(), {}, 60s);
  one->want(name("slow.example"), kFirst, 60s, false);
  one->want(name("fast.example"), kFirst, 100ms, true);
  EXPECT_EQ(one->users(), (std::set<DomainName>{name("fast.example"), name("slow.example")}));
  one->begin(clock_now());
  ASSERT_TRUE(attempted(3));
  EXPECT_TRUE(one->latest()->tls.has_value());
  one->release(name("fast.example"), kFirst);
  EXPECT_TRUE(one->wanted());
  EXPECT_TRUE(one->is_for(kFirst));
}

TEST_F(EndpointTest, who_wants_it_more_often_does_not_wait_for_the_old_date) {
  Host host(answer_ok);
  const auto one = endpoint(host.peer(), {kFirst}, 600s);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  run_for(io, 50ms);
  one->want(name("fast.example"), kFirst, 200ms, true);
  EXPECT_TRUE(attempted(3, 2s));
  EXPECT_EQ(host.most_open(), 1);
}

// --- while nobody knows whether it is our egress

TEST_F(EndpointTest, a_failure_in_doubt_changes_nothing_and_is_looked_at_again) {
  blame = diagnosis::Blame::held;
  const auto one = endpoint(closed_peer(), {kFirst});
  const Mono began = clock_now();
  one->begin(began);
  ASSERT_TRUE(run_until(io, [&] { return doubts.size() == 2; }));
  EXPECT_TRUE(attempts.empty());
  EXPECT_EQ(one->confirmed(kFirst), nullptr);
  EXPECT_FALSE(one->unknown());
  EXPECT_EQ(doubts[0], doubts[1]) << "one row, in doubt since its first failure began";
  EXPECT_LE(doubts[0] - began, 90ms);
}

TEST_F(EndpointTest, who_is_in_doubt_knocks_ever_less) {
  blame = diagnosis::Blame::held;
  const auto one = endpoint(closed_peer(), {kFirst}, 600ms);
  one->begin(clock_now());
  run_for(io, 2500ms);
  EXPECT_GE(doubts.size(), 4U);
  EXPECT_LE(doubts.size(), 8U);  // after 100, 200, 400, 600 ms, and so on; 25 without
}

TEST_F(EndpointTest, no_more_than_eight_failures_are_held_and_the_oldest_counts_as_an_attempt_then) {
  blame = diagnosis::Blame::held;
  const auto one = endpoint(closed_peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return doubts.size() == 8; }));
  EXPECT_TRUE(attempts.empty());
  ASSERT_TRUE(run_until(io, [&] { return doubts.size() == 9; }));
  EXPECT_EQ(attempts.size(), 1U);
  EXPECT_EQ(one->confirmed(kFirst), nullptr) << "and changes nothing";
}

TEST_F(EndpointTest, once_somebody_else_connected_a_held_failure_is_the_first_of_its_row) {
  blame = diagnosis::Blame::held;
  const auto one = endpoint(closed_peer(), {kFirst});
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return doubts.size() == 2; }));
  blame = diagnosis::Blame::own;
  one->egress_proved();
  ASSERT_EQ(attempts.size(), 2U) << "every attempt is counted";
  EXPECT_EQ(attempts[1].cause, Cause::connect_refused);
  EXPECT_EQ(one->confirmed(kFirst), nullptr) << "two that were held are one failure";
  ASSERT_TRUE(attempted(3));
  ASSERT_NE(one->confirmed(kFirst), nullptr);
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::connect_failed);
  EXPECT_GT(doubts[2], doubts[1]) << "in doubt since the failure that counted";
}

TEST_F(EndpointTest, once_egress_is_down_held_failures_are_not_the_addresss) {
  Host host(answer_ok);
  const auto one = probed(host.peer(), {kFirst});
  blame = diagnosis::Blame::held;
  const auto two = endpoint(closed_peer(), {kFirst});
  two->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return doubts.size() == 2; }));
  const std::size_t before = attempts.size();
  two->egress_lost();
  one->egress_lost();
  ASSERT_EQ(attempts.size(), before + 2);
  EXPECT_EQ(attempts.back().cause, Cause::egress_blocked);
  ASSERT_TRUE(two->unknown());
  EXPECT_EQ(two->unknown()->side, Side::ours);
  EXPECT_EQ(two->last_known(kFirst), nullptr);
  EXPECT_EQ(one->confirmed(kFirst), nullptr);
  EXPECT_NE(one->last_known(kFirst), nullptr) << "gauges keep their last value";
}

TEST_F(EndpointTest, an_attempt_while_egress_is_down_is_counted_as_ours) {
  blame = diagnosis::Blame::blocked;
  const auto one = endpoint(closed_peer(), {kFirst}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(3));
  for (const Attempt& attempt : attempts) EXPECT_EQ(attempt.cause, Cause::egress_blocked);
  blame = diagnosis::Blame::own;  // it is back: what fails now is confirmed first
  ASSERT_TRUE(run_until(io, [&] { return attempts.back().cause == Cause::connect_refused; }));
  EXPECT_EQ(one->last_known(kFirst), nullptr);
  EXPECT_TRUE(one->unknown()) << "nothing is known before";
  ASSERT_TRUE(run_until(io, [&] { return one->confirmed(kFirst) != nullptr; }));
  EXPECT_FALSE(one->unknown());
}

TEST_F(EndpointTest, a_confirmed_failure_stays_so_while_egress_is_in_doubt) {
  const auto one = endpoint(closed_peer(), {kFirst}, 300ms);
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return one->is_down(); }));
  blame = diagnosis::Blame::held;
  const Mono from = clock_now();
  const std::size_t before = doubts.size();
  ASSERT_TRUE(run_until(io, [&] { return doubts.size() == before + 2; }));
  EXPECT_TRUE(one->is_down());
  EXPECT_GE(clock_now() - from, 300ms) << "nobody hurries";
}

TEST_F(EndpointTest, a_success_ends_the_doubt) {
  std::atomic<int> session = 0;
  Host host([&](Talk& talk) {
    if (session++ == 0) return;  // hangs up
    answer_ok(talk);
  });
  blame = diagnosis::Blame::held;
  const auto one = endpoint(host.peer(), {kFirst});
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  EXPECT_EQ(attempts[0].cause, Cause::closed_before_banner);
  EXPECT_EQ(attempts[1].cause, std::nullopt);
  EXPECT_EQ(one->confirmed(kFirst)->ending, Ending::complete);
  EXPECT_EQ(connects, 2);
}

// --- canaries

TEST_F(EndpointTest, a_canary_connects_and_is_nobodys_state) {
  Host host(answer_ok);
  const auto one = endpoint(host.peer(), {});
  one->serve_as_canary(kSecond, 200ms);
  EXPECT_TRUE(one->wanted());
  EXPECT_FALSE(one->for_targets());
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  EXPECT_EQ(connects, 2);
  EXPECT_TRUE(attempts[0].names.empty());
  EXPECT_EQ(one->latest(), nullptr);
  one->leave_canary();
  EXPECT_FALSE(one->wanted());
  run_for(io, 300ms);
  EXPECT_EQ(host.sessions(), 2);
}

TEST_F(EndpointTest, a_dead_canary_is_not_hurried) {
  const auto one = endpoint(closed_peer(), {});
  one->serve_as_canary(kSecond, 400ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  run_for(io, 150ms);
  EXPECT_EQ(attempts.size(), 1U);
  one->hurry(clock_now());
  EXPECT_TRUE(attempted(2, 150ms));
}

TEST_F(EndpointTest, a_target_that_comes_while_a_canary_is_talked_to_gets_a_session_of_its_own) {
  Host host([](Talk& talk) {
    talk.silent_for(200ms);
    answer_ok(talk);
  });
  const auto one = endpoint(host.peer(), {});
  one->serve_as_canary(kSecond, 60s);
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
  one->want(kDomain, kFirst, 60s, true);
  ASSERT_TRUE(attempted(2, 1s));
  EXPECT_EQ(attempts[1].names, std::vector<ServerName>{kFirst});
  EXPECT_EQ(host.most_open(), 1);
  one->release(kDomain, kFirst);
  EXPECT_TRUE(one->wanted()) << "it is a canary still";
}

TEST_F(EndpointTest, it_may_go_with_its_house_while_a_session_is_under_way) {
  Host host([](Talk& talk) { talk.rest(); });
  const auto one = endpoint(host.peer(), {kFirst});
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
}  // the sanitizer looks on

}  // namespace
}  // namespace mxhealth::watch
