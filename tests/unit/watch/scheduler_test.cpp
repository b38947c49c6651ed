#include "watch/scheduler.hpp"

#include <functional>

#include "net/loopback.hpp"

namespace mxhealth::watch {
namespace {

using namespace mxhealth::test;

struct Counts final : Scheduler::Watcher {
  void started(Duration lag) override { lags.push_back(lag); }
  void counts(std::size_t flying, std::size_t waiting) override {
    in_flight = flying;
    queued = waiting;
    most = std::max(most, flying);
  }
  std::vector<Duration> lags;
  std::size_t in_flight = 0, queued = 0, most = 0;
};

struct Task final : Scheduler::Job {
  std::function<void()> action;
  std::vector<Mono> starts;

 private:
  void start() override {
    starts.push_back(clock_now());
    if (action) action();
  }
};

class SchedulerTest : public testing::Test {
 protected:
  void due_now(Task& task, Urgency urgency = Urgency::routine) { scheduler.schedule(task, clock_now(), urgency); }
  bool runs(const Task& task, std::size_t times = 1) {
    return run_until(
        io, [&] { return task.starts.size() >= times; }, 2s);
  }

  asio::io_context io{1};
  Counts counts;
  Scheduler scheduler{io, {.all = 3, .reserved = 1}, counts};
};

TEST_F(SchedulerTest, a_job_starts_when_it_is_due_and_its_lag_is_told) {
  Task task;
  const Mono due = clock_now() + 60ms;
  scheduler.schedule(task, due, Urgency::routine);
  ASSERT_TRUE(runs(task));
  EXPECT_GE(task.starts[0], due);
  ASSERT_EQ(counts.lags.size(), 1U);
  EXPECT_GE(counts.lags[0], 0ns);
  EXPECT_EQ(scheduler.in_flight(), 1U);
  scheduler.finished();
  EXPECT_EQ(scheduler.in_flight(), 0U);
}

TEST_F(SchedulerTest, the_soonest_comes_first_whatever_was_scheduled_first) {
  Task late, soon;
  std::vector<int> order;
  late.action = [&] { order.push_back(2); };
  soon.action = [&] { order.push_back(1); };
  scheduler.schedule(late, clock_now() + 80ms, Urgency::routine);
  scheduler.schedule(soon, clock_now() + 20ms, Urgency::routine);
  ASSERT_TRUE(runs(late));
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST_F(SchedulerTest, a_new_date_replaces_the_old_one_also_in_the_queue) {
  Task a, b, c;
  scheduler.schedule(a, clock_now() + 20ms, Urgency::routine);
  scheduler.schedule(a, clock_now() + 120ms, Urgency::routine);
  const Mono begun = clock_now();
  ASSERT_TRUE(runs(a));
  EXPECT_GE(a.starts[0] - begun, 100ms);
  due_now(b);
  ASSERT_TRUE(runs(b));
  due_now(c);  // no slot left for it
  run_for(io, 20ms);
  EXPECT_EQ(counts.queued, 1U);
  scheduler.schedule(c, clock_now() + 10s, Urgency::routine);
  scheduler.finished();
  run_for(io, 20ms);
  EXPECT_TRUE(c.starts.empty());
  EXPECT_EQ(counts.queued, 0U);
}

TEST_F(SchedulerTest, confirmations_have_slots_that_routine_jobs_leave_free) {
  Task a, b, c, confirmation, second;
  for (Task* task : {&a, &b, &c}) due_now(*task);
  ASSERT_TRUE(runs(b));
  run_for(io, 20ms);
  EXPECT_TRUE(c.starts.empty());
  due_now(confirmation, Urgency::confirmation);
  ASSERT_TRUE(runs(confirmation));
  due_now(second, Urgency::confirmation);
  run_for(io, 20ms);
  EXPECT_TRUE(second.starts.empty());  // all are taken
  EXPECT_EQ(counts.queued, 2U);
  scheduler.finished();
  EXPECT_EQ(second.starts.size(), 1U);  // before c, though it came later
  EXPECT_TRUE(c.starts.empty());
  scheduler.finished();
  EXPECT_EQ(c.starts.size(), 0U);
  scheduler.finished();
  EXPECT_EQ(c.starts.size(), 1U);
  EXPECT_EQ(counts.most, 3U);
}

TEST_F(SchedulerTest, who_waits_longest_for_a_slot_gets_it) {
  scheduler.set_slots({.all = 1, .reserved = 0});
  std::vector<int> order;
  std::array<Task, 5> tasks;
  for (int i = 0; i < 5; ++i) {
    tasks[static_cast<std::size_t>(i)].action = [&order, i] { order.push_back(i); };
    scheduler.schedule(tasks[static_cast<std::size_t>(i)], clock_now() + i * 5ms, Urgency::routine);
  }
  ASSERT_TRUE(runs(tasks[0]));
  run_for(io, 60ms);
  for (int i = 0; i < 4; ++i) scheduler.finished();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(SchedulerTest, canaries_have_slots_that_neither_routine_jobs_nor_confirmations_take) {
  scheduler.set_slots({.all = 3, .reserved = 1, .canaries = 1});
  std::array<Task, 3> routine, confirmations;
  Task canary;
  for (Task& task : confirmations) due_now(task, Urgency::confirmation);
  for (Task& task : routine) due_now(task);
  ASSERT_TRUE(runs(confirmations[1]));
  run_for(io, 20ms);
  EXPECT_EQ(scheduler.in_flight(), 2U);
  EXPECT_EQ(counts.queued, 4U);
  due_now(canary, Urgency::canary);
  ASSERT_TRUE(runs(canary));
  EXPECT_EQ(scheduler.in_flight(), 3U);
}

TEST_F(SchedulerTest, more_slots_start_who_waits) {
  Task a, b, c, d;
  for (Task* task : {&a, &b, &c, &d}) due_now(*task);
  ASSERT_TRUE(runs(b));
  run_for(io, 20ms);
  EXPECT_EQ(counts.queued, 2U);
  scheduler.set_slots({.all = 10, .reserved = 1});
  EXPECT_EQ(d.starts.size(), 1U);
  scheduler.set_slots({.all = 1, .reserved = 0});  // fewer take nobody's slot away
  EXPECT_EQ(scheduler.in_flight(), 4U);
}

TEST_F(SchedulerTest, cancelled_or_gone_jobs_never_start) {
  Task timed, waits, a, b;
  auto gone_timed = std::make_unique<Task>();
  auto gone_queued = std::make_unique<Task>();
  for (Task* task : {&a, &b}) due_now(*task);
  ASSERT_TRUE(runs(b));
  due_now(waits);
  due_now(*gone_queued);
  scheduler.schedule(timed, clock_now() + 40ms, Urgency::routine);
  scheduler.schedule(*gone_timed, clock_now() + 40ms, Urgency::routine);
  run_for(io, 20ms);
  scheduler.cancel(timed);
  scheduler.cancel(waits);
  scheduler.cancel(waits);
  gone_timed.reset();
  gone_queued.reset();
  scheduler.finished();
  scheduler.finished();
  run_for(io, 80ms);
  EXPECT_TRUE(timed.starts.empty());
  EXPECT_TRUE(waits.starts.empty());
}

TEST_F(SchedulerTest, a_job_may_finish_and_come_again_inside_its_start) {
  Task task;
  task.action = [&] {
    scheduler.finished();
    if (task.starts.size() < 50) scheduler.schedule(task, clock_now(), Urgency::routine);
  };
  due_now(task);
  ASSERT_TRUE(runs(task, 50));
  EXPECT_EQ(scheduler.in_flight(), 0U);
}

TEST_F(SchedulerTest, once_stopped_it_starts_nothing_any_more) {
  Task a, b, queued, timed, later;
  for (Task* task : {&a, &b}) due_now(*task);
  ASSERT_TRUE(runs(b));
  due_now(queued);
  scheduler.schedule(timed, clock_now() + 20ms, Urgency::confirmation);
  run_for(io, 10ms);
  scheduler.stop();
  due_now(later);
  scheduler.finished();
  scheduler.finished();
  run_for(io, 60ms);
  for (const Task* task : {&queued, &timed, &later}) EXPECT_TRUE(task->starts.empty());
}

TEST_F(SchedulerTest, jobs_may_outlive_it) {
  Task timed, queued;
  {
    Scheduler gone(io, {.all = 0, .reserved = 0}, counts);
    gone.schedule(queued, clock_now(), Urgency::routine);
    run_for(io, 20ms);
    gone.schedule(timed, clock_now() + 10s, Urgency::routine);
    EXPECT_EQ(counts.queued, 1U);
  }
  run_for(io, 20ms);
  EXPECT_TRUE(queued.starts.empty());
}

// --- phases

TEST(StablePhase, is_inside_the_interval_and_the_same_every_time) {
  for (int i = 0; i < 1000; ++i) {
    const std::size_t hash = std::hash<Name>{}(name("d" + std::to_string(i) + ".example"));
    const Duration phase = stable_phase(hash, 60s);
    EXPECT_GE(phase, 0s);
    EXPECT_LT(phase, 60s);
    EXPECT_EQ(phase, stable_phase(hash, 60s));
  }
}

TEST(StablePhase, spreads_keys_evenly_even_where_hashes_are_neighbours) {
  std::array<int, 20> bins{};
  for (std::size_t i = 0; i < 20'000; ++i) ++bins[static_cast<std::size_t>(stable_phase(i, 20s) / 1s)];
  for (const int bin : bins) {
    EXPECT_GT(bin, 850);
    EXPECT_LT(bin, 1150);
  }
}

TEST(NextAtPhase, is_at_the_phase_and_at_least_half_an_interval_away) {
  for (const Duration interval : {Duration(5s), Duration(60s), Duration(1h)}) {
    for (int i = 0; i < 200; ++i) {
      const Mono last = Mono(i * 977ms);  // near the boot of the machine, too
      const Duration phase = stable_phase(static_cast<std::size_t>(i), interval);
      const Mono next = next_at_phase(last, interval, phase);
      EXPECT_GE(next, last + interval / 2);
      EXPECT_LE(next, last + interval / 2 + interval);
      EXPECT_EQ((next.time_since_epoch() - phase) % interval, 0ns);
      const Mono after = next_at_phase(next, interval, phase);
      EXPECT_EQ(after - next, interval);  // then once per interval
    }
  }
}

}  // namespace
}  // namespace mxhealth::watch
