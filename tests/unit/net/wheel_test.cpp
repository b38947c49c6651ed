#include "net/wheel.hpp"

#include <functional>
#include <memory>
#include <random>

#include "net/loopback.hpp"

namespace mxhealth::net {
namespace {

using namespace mxhealth::test;

struct Alarm final : Wheel::Entry {
  std::function<void()> action;
  std::vector<Mono> rang;

 private:
  void expire() override {
    EXPECT_FALSE(armed());
    rang.push_back(clock_now());
    if (action) action();
  }
};

class WheelTest : public testing::Test {
 protected:
  asio::io_context io{1};
  Wheel wheel{io};
};

TEST_F(WheelTest, rings_never_early_and_as_a_rule_within_a_slot) {
  const Mono begin = clock_now();
  std::vector<std::pair<Mono, std::unique_ptr<Alarm>>> alarms;
  for (int i = 0; i < 200; ++i) {
    alarms.emplace_back(begin + i * 2ms + 300us, std::make_unique<Alarm>());
    wheel.arm(*alarms.back().second, alarms.back().first);
  }
  EXPECT_EQ(wheel.armed(), 200U);
  ASSERT_TRUE(run_until(io, [&] { return wheel.armed() == 0; }));
  std::vector<Duration> late;
  for (const auto& [when, alarm] : alarms) {
    ASSERT_EQ(alarm->rang.size(), 1U);
    EXPECT_GE(alarm->rang[0], when);
    late.push_back(alarm->rang[0] - when);
  }
  std::ranges::sort(late);
  EXPECT_LE(late[100], Wheel::kSlot);  // the median: this machine has other things to do as well
}

TEST_F(WheelTest, a_new_deadline_replaces_the_old_one) {
  Alarm alarm;
  const Mono begin = clock_now();
  wheel.arm(alarm, begin + 20ms);
  wheel.arm(alarm, begin + 300ms);
  EXPECT_EQ(wheel.armed(), 1U);
  ASSERT_TRUE(run_until(io, [&] { return !alarm.rang.empty(); }));
  EXPECT_GE(alarm.rang[0], begin + 300ms);
  wheel.arm(alarm, clock_now() + 10s);
  const Mono sooner = clock_now();
  wheel.arm(alarm, sooner);
  ASSERT_TRUE(run_until(io, [&] { return alarm.rang.size() == 2; }));
  EXPECT_LT(alarm.rang[1], sooner + 2s);
  EXPECT_EQ(wheel.armed(), 0U);
}

TEST_F(WheelTest, what_is_disarmed_never_rings) {
  Alarm alarm;
  wheel.arm(alarm, clock_now());
  alarm.disarm();
  alarm.disarm();
  EXPECT_FALSE(alarm.armed());
  EXPECT_EQ(wheel.armed(), 0U);
  run_for(io, 150ms);
  EXPECT_TRUE(alarm.rang.empty());
}

TEST_F(WheelTest, an_alarm_may_arm_itself_again_disarm_and_destroy_its_neighbours) {
  const Mono when = clock_now() + 10ms;  // all in one slot
  Alarm repeats, silenced;
  auto dead = std::make_unique<Alarm>();
  auto other = std::make_unique<Alarm>();
  Alarm late;
  const auto havoc = [&] {
    silenced.disarm();
    dead.reset();
    other.reset();
    wheel.arm(late, clock_now());
  };
  repeats.action = [&] {
    havoc();
    if (repeats.rang.size() < 3) wheel.arm(repeats, clock_now());
  };
  wheel.arm(*dead, when);  // on both sides of the one that rings first
  wheel.arm(silenced, when);
  wheel.arm(repeats, when);
  wheel.arm(*other, when);
  other->action = [] { ADD_FAILURE() << "the last armed rings first: choose another order"; };
  wheel.arm(repeats, when);
  ASSERT_TRUE(run_until(io, [&] { return repeats.rang.size() == 3 && late.rang.size() == 1; }));
  EXPECT_TRUE(silenced.rang.empty());
  for (std::size_t i = 1; i < repeats.rang.size(); ++i) EXPECT_GT(repeats.rang[i], repeats.rang[i - 1]);
  EXPECT_EQ(wheel.armed(), 0U);
}

TEST_F(WheelTest, thousands_ring_once_each_though_many_are_moved_and_some_taken_back) {
  std::mt19937 random(7);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<Mono> due;
  for (int i = 0; i < 5000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    due.push_back(clock_now() + std::chrono::milliseconds(random() % 500));
    wheel.arm(*alarms.back(), due.back());
  }
  for (std::size_t i = 0; i < alarms.size(); i += 3) wheel.arm(*alarms[i], due[i] = clock_now() + 250ms);
  for (std::size_t i = 0; i < alarms.size(); i += 5) alarms[i]->disarm();
  for (std::size_t i = 0; i < alarms.size(); i += 7) alarms[i].reset();
  ASSERT_TRUE(run_until(io, [&] { return wheel.armed() == 0; }));
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    if (!alarms[i]) continue;
    ASSERT_EQ(alarms[i]->rang.size(), i % 5 == 0 ? 0U : 1U);
    if (i % 5 == 0) continue;
    EXPECT_GE(alarms[i]->rang[0], due[i]);
  }
}

TEST_F(WheelTest, a_wait_longer_than_a_turn_shares_its_slot_with_a_short_one) {
  const Duration turn = Wheel::kSlot * static_cast<int>(Wheel::kSlots);
  Alarm near, far, further;
  const Mono when = clock_now() + 100ms;
  wheel.arm(far, when + turn);
  wheel.arm(near, when);
  wheel.arm(further, when + 2 * turn);
  ASSERT_TRUE(run_until(io, [&] { return !near.rang.empty(); }));
  run_for(io, 150ms);
  EXPECT_TRUE(far.rang.empty());
  EXPECT_TRUE(further.rang.empty());
  EXPECT_EQ(wheel.armed(), 2U);
}

TEST_F(WheelTest, a_wait_without_end_is_possible) {
  Alarm never;
  wheel.arm(never, Mono::max());
  run_for(io, 120ms);
  EXPECT_TRUE(never.armed());
}

TEST_F(WheelTest, what_became_due_while_the_loop_was_busy_rings_at_once_and_in_order) {
  Alarm first, second, third;
  std::vector<int> order;
  first.action = [&] { order.push_back(1); };
  second.action = [&] { order.push_back(2); };
  third.action = [&] { order.push_back(3); };
  const Mono begin = clock_now();
  wheel.arm(third, begin + 210ms);
  wheel.arm(first, begin + 60ms);
  wheel.arm(second, begin + 130ms);
  be_busy_until(begin + 400ms);
  io.restart();
  io.run_one_for(10ms);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(WheelTest, a_deadline_after_a_long_idle_time_is_as_true_as_the_first) {
  Alarm first;
  wheel.arm(first, clock_now());
  ASSERT_TRUE(run_until(io, [&] { return !first.rang.empty(); }));
  be_busy_until(clock_now() + 300ms);  // nothing is armed
  const Mono when = clock_now() + 100ms;
  wheel.arm(first, when);
  ASSERT_TRUE(run_until(io, [&] { return first.rang.size() == 2; }));
  EXPECT_GE(first.rang[1], when);
}

TEST(WheelLife, wheel_entries_and_loop_may_go_in_any_order) {
  {
    Alarm outlives;
    asio::io_context io{1};
    {
      Wheel wheel(io);
      Alarm dies_first;
      wheel.arm(outlives, clock_now());
      wheel.arm(dies_first, clock_now());
    }
    EXPECT_FALSE(outlives.armed());
    io.run_for(100ms);  // the wheel's own wait was taken back
    EXPECT_TRUE(outlives.rang.empty());
  }
  auto io = std::make_unique<asio::io_context>(1);
  Alarm alarm;
  Wheel wheel(*io);
  wheel.arm(alarm, clock_now() + 10s);
  alarm.disarm();
}

}  // namespace
}  // namespace mxhealth::net
