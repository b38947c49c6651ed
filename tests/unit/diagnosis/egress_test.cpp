#include "diagnosis/egress.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {
namespace {

using namespace std::chrono_literals;

const Address kFirst = Address::parse("192.0.2.1").value();
const Address kSecond = Address::parse("192.0.2.2").value();
const Address kThird = Address::parse("192.0.2.3").value();
const Address kTarget = Address::parse("198.51.100.1").value();
const Address kOther = Address::parse("198.51.100.2").value();
constexpr Duration kWindow = 120s;

ServerName canary(char letter) { return Name::parse(std::string(1, letter) + ".example.org").value(); }

class egress : public ::testing::Test {
 protected:
  void two_canaries() { ours.set_canaries({{canary('a'), std::vector{kFirst}}, {canary('b'), std::vector{kSecond}}}); }
  void dial(const Address& address, Dial dial) {
    ours.note(address, dial, now);
    ours.judge(now, kWindow);
  }
  std::optional<bool> up_after(Duration wait) {
    now += wait;
    ours.judge(now, kWindow);
    return ours.up();
  }

  Egress ours;
  Mono now{1h};
};

TEST_F(egress, nothing_is_known_before_the_first_attempt) {
  EXPECT_EQ(ours.up(), std::nullopt);
  two_canaries();
  EXPECT_EQ(up_after(0s), std::nullopt);
}

TEST_F(egress, is_up_once_a_target_or_a_canary_connects) {
  dial(kTarget, Dial::connected);
  EXPECT_EQ(ours.up(), true);
}

TEST_F(egress, without_canaries_it_is_never_down) {
  dial(kTarget, Dial::failed);
  EXPECT_EQ(ours.up(), std::nullopt);
  dial(kOther, Dial::connected);
  dial(kOther, Dial::failed);
  EXPECT_EQ(up_after(1h), true);
}

TEST_F(egress, one_canary_alone_proves_nothing) {
  ours.set_canaries({{canary('a'), std::vector{kFirst, kSecond}}});
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.up(), std::nullopt);
  EXPECT_EQ(ours.blame(kTarget, now), Blame::own);
}

TEST_F(egress, is_down_when_two_canaries_and_every_target_failed) {
  two_canaries();
  dial(kTarget, Dial::connected);
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.up(), true) << "a target connected lately";
  dial(kTarget, Dial::failed);
  EXPECT_EQ(ours.up(), false);
}

TEST_F(egress, a_connect_counts_for_the_window_alone) {
  two_canaries();
  dial(kTarget, Dial::connected);
  EXPECT_EQ(ours.proved_until(kWindow), now + kWindow);
  now += kWindow - 10s;
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(up_after(10s), true);
  EXPECT_EQ(up_after(1s), false);
}

TEST_F(egress, a_failure_counts_for_the_window_alone) {
  two_canaries();
  dial(kFirst, Dial::failed);
  now += kWindow + 1s;
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.up(), std::nullopt);
}

TEST_F(egress, one_canary_that_connects_is_enough) {
  two_canaries();
  dial(kFirst, Dial::failed);
  dial(kTarget, Dial::failed);
  dial(kSecond, Dial::connected);
  EXPECT_EQ(ours.up(), true);
}

TEST_F(egress, a_canary_with_one_good_address_is_no_failing_one) {
  ours.set_canaries({{canary('a'), std::vector{kFirst}}, {canary('b'), std::vector{kSecond, kThird}}});
  dial(kThird, Dial::connected);
  now += 1s;
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.up(), true);
  dial(kThird, Dial::failed);
  EXPECT_EQ(ours.up(), false);
}

TEST_F(egress, any_connect_ends_it) {
  two_canaries();
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  ASSERT_TRUE(ours.is_down());
  EXPECT_EQ(up_after(10 * kWindow), false) << "stays down until something connects";
  dial(kTarget, Dial::connected);
  EXPECT_EQ(ours.up(), true);
}

TEST_F(egress, is_not_down_any_more_when_the_canaries_are_taken_away) {
  two_canaries();
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  ours.set_canaries({{canary('a'), std::vector{kFirst}}});
  EXPECT_EQ(up_after(0s), std::nullopt);
}

TEST_F(egress, what_was_not_tried_for_our_own_reasons_is_no_witness) {
  two_canaries();
  EXPECT_EQ(ours.canaries(), 2U);
  dial(kFirst, Dial::nothing);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.up(), std::nullopt) << "a lack of descriptors is no failed canary";
  EXPECT_EQ(ours.blame(kTarget, now), Blame::held);
  dial(kFirst, Dial::untried);
  EXPECT_EQ(ours.canaries(), 1U);
  EXPECT_EQ(ours.blame(kTarget, now), Blame::own) << "a family without a route has no canaries";
}

TEST_F(egress, canaries_are_counted) {
  ours.set_canaries({{canary('a'), std::vector{kFirst, kSecond}},
                     {canary('b'), std::vector{kThird}},
                     {canary('c'), std::vector<Address>{}},
                     {canary('d'), std::nullopt}});
  EXPECT_EQ(ours.canaries(), 2U) << "neither one without an address nor one that is not looked up yet";
  EXPECT_EQ(ours.canaries_up(now, kWindow), 0U);
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::connected);
  dial(kThird, Dial::failed);
  EXPECT_EQ(ours.canaries_up(now, kWindow), 1U);
  EXPECT_EQ(ours.canaries_up(now + kWindow + 1s, kWindow), 0U);
}

TEST_F(egress, a_failure_is_an_addresss_own_where_somebody_else_connected_meanwhile) {
  two_canaries();
  dial(kFirst, Dial::connected);
  now += 1s;
  const Mono began = now;
  dial(kTarget, Dial::connected);  // and then was closed before the banner
  EXPECT_EQ(ours.blame(kTarget, began), Blame::held);
  now += 1s;
  dial(kSecond, Dial::connected);
  EXPECT_EQ(ours.blame(kTarget, began), Blame::own);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.blame(kTarget, began), Blame::held) << "who fails since is no witness";
}

TEST_F(egress, a_failure_is_held_while_canaries_are_looked_up) {
  ours.set_canaries({{canary('a'), std::nullopt}, {canary('b'), std::nullopt}});
  EXPECT_EQ(ours.blame(kTarget, now), Blame::held);
  ours.set_canaries({{canary('a'), std::vector<Address>{}}, {canary('b'), std::vector<Address>{}}});
  EXPECT_EQ(ours.blame(kTarget, now), Blame::own) << "they have no address of this family";
}

TEST_F(egress, nobody_is_blamed_while_it_is_down) {
  two_canaries();
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.blame(kTarget, now), Blame::blocked);
}

TEST_F(egress, what_an_address_said_is_its_own_whatever_egress_does) {
  two_canaries();
  EXPECT_EQ(ours.blame(Cause::connect_timeout, kTarget, now), Blame::held);
  EXPECT_EQ(ours.blame(Cause::dialogue_timeout, kTarget, now), Blame::own) << "it had connected";
  EXPECT_EQ(ours.blame(Cause::banner_rejected, kTarget, now), Blame::own);
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.blame(Cause::connect_timeout, kTarget, now), Blame::blocked);
  EXPECT_EQ(ours.blame(Cause::dialogue_timeout, kTarget, now), Blame::blocked) << "the line broke with all others";
  EXPECT_EQ(ours.blame(Cause::banner_rejected, kTarget, now), Blame::own);
}

TEST_F(egress, what_is_forgotten_shows_nothing) {
  two_canaries();
  dial(kTarget, Dial::connected);
  ours.forget(kTarget);
  ours.forget(kTarget);
  EXPECT_EQ(ours.up(), true) << "what was shown before is not taken back";
  dial(kFirst, Dial::failed);
  dial(kSecond, Dial::failed);
  EXPECT_EQ(ours.up(), false);
}

TEST_F(egress, a_door_without_a_route_has_nothing_to_show) {
  EXPECT_TRUE(ours.is_idle());
  dial(kTarget, Dial::untried);
  EXPECT_FALSE(ours.has_shown());
  two_canaries();
  EXPECT_FALSE(ours.is_idle());
  EXPECT_TRUE(ours.has_shown());
  dial(kFirst, Dial::untried);
  dial(kSecond, Dial::untried);
  EXPECT_FALSE(ours.has_shown());
  dial(kSecond, Dial::failed);  // the route is back
  EXPECT_EQ(ours.canaries(), 1U);
  EXPECT_TRUE(ours.has_shown());
}

SessionRun run(Ending ending, bool connected, int error = 0) {
  SessionRun made;
  made.ending = ending;
  made.error = error;
  made.ended_in = connected ? Phase::banner : Phase::connect;
  made.at(Phase::connect).completed = connected;
  return made;
}

TEST(DialOf, tells_their_silence_from_troubles_of_ours) {
  struct Row {
    SessionRun made;
    Dial dial;
  };
  const Row rows[] = {
      {run(Ending::complete, true), Dial::connected},
      {run(Ending::peer_closed, true), Dial::connected},
      {run(Ending::timed_out, false), Dial::failed},
      {run(Ending::connect_failed, false, ECONNREFUSED), Dial::failed},
      {run(Ending::connect_failed, false, EHOSTUNREACH), Dial::failed},
      {run(Ending::connect_failed, false, EPERM), Dial::untried},
      {run(Ending::local_failure, false, ENETUNREACH), Dial::untried},
      {run(Ending::connect_failed, false, EMFILE), Dial::nothing},
      {run(Ending::stopped, false), Dial::nothing},
  };
  for (const Row& row : rows)
    EXPECT_EQ(dial_of(row.made, cause_of(row.made, TlsPolicy::off)), row.dial) << row.made.error;
}

TEST(MayBeEgress, what_a_blocked_port_can_look_like) {
  for (const Cause cause : {Cause::connect_timeout, Cause::connect_refused, Cause::host_unreachable,
                            Cause::net_unreachable, Cause::connect_reset, Cause::closed_before_banner})
    EXPECT_TRUE(may_be_egress(cause)) << label(cause);
  for (const Cause cause : {Cause::banner_timeout, Cause::connection_lost, Cause::banner_rejected,
                            Cause::local_resource, Cause::tls_timeout, Cause::egress_blocked})
    EXPECT_FALSE(may_be_egress(cause)) << label(cause);
}

}  // namespace
}  // namespace mxhealth::diagnosis
