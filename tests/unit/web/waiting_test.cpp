// Those who wait for an answer that takes time: so many and no more, and a scraper gets in whatever they do.
#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "web/client.hpp"
#include "web/server.hpp"

namespace mxhealth::web {
namespace {

using std::chrono::milliseconds;

/// What the daemon was asked for and has not answered yet. The server asks on its own thread.
template <class Answered>
class Kept {
 public:
  void add(Answered one) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(one));
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  Answered take() {
    const std::lock_guard lock(mutex_);
    Answered one = std::move(all_.front());
    all_.pop_front();
    return one;
  }

 private:
  std::mutex mutex_;
  std::deque<Answered> all_;
};

const std::string kReload = get("/-/reload", "Content-Length: 0\r\n", "POST");
const std::string kProbe = get("/probe?target=example.com");

/// So many clients that wait, each of which was passed on to the daemon.
template <class Answered>
std::deque<Client> crowd(Running& running, Kept<Answered>& kept, const std::string& request, long count) {
  std::deque<Client> clients;
  for (long i = 0; i < count; ++i) {
    clients.emplace_back(running.port());
    EXPECT_TRUE(clients.back().say(request));
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (kept.size() < static_cast<std::size_t>(count) && std::chrono::steady_clock::now() < limit) {
    running.on_loop([] {});
  }
  EXPECT_EQ(kept.size(), static_cast<std::size_t>(count));
  return clients;
}

void expect_come_again(Running& running, const std::string& request) {
  const Reply refused = Client(running.port()).ask(request);
  EXPECT_EQ(refused.status, 503U);
  EXPECT_TRUE(refused.has("Retry-After: 5")) << refused.head;
  EXPECT_EQ(Client(running.port()).ask(get("/metrics")).status, 200U);
}

TEST(Waiting, as_many_reloads_as_there_are_places_and_no_more) {
  Kept<ReloadAnswer> kept;
  Callbacks callbacks;
  callbacks.reload = [&](ReloadAnswer done) { kept.add(std::move(done)); };
  Running running({}, callbacks);
  auto waiting = crowd(running, kept, kReload, kMaxWaitingReloads);
  expect_come_again(running, kReload);
  kept.take()(std::nullopt);
  EXPECT_EQ(waiting.front().hear().status, 200U);
  waiting.emplace_back(running.port());  // in the place of the first
  ASSERT_TRUE(waiting.back().say(kReload));
  for (std::size_t i = 1; i + 1 < waiting.size(); ++i) kept.take()(std::nullopt);
  for (std::size_t i = 1; i + 1 < waiting.size(); ++i) EXPECT_EQ(waiting[i].hear().status, 200U);
}

TEST(Waiting, a_reload_keeps_its_place_when_nobody_waits_for_it_any_more) {
  Kept<ReloadAnswer> kept;
  Callbacks callbacks;
  callbacks.reload = [&](ReloadAnswer done) { kept.add(std::move(done)); };
  WebOptions options;
  options.deadlines.reload = milliseconds(50);
  Running running(options, callbacks);
  auto gone = crowd(running, kept, kReload, kMaxWaitingReloads);
  for (Client& one : gone) EXPECT_EQ(one.hear().status, 504U);
  expect_come_again(running, kReload);
  kept.take()(std::nullopt);  // too late for whoever asked, but there is a place again
  EXPECT_EQ(Client(running.port()).ask(kReload).status, 504U);
}

TEST(Waiting, as_many_probes_as_there_are_places_and_no_more) {
  Kept<watch::VisitAnswered> kept;
  Callbacks callbacks;
  callbacks.probe = [&](const watch::VisitWish&, watch::VisitAnswered done) { kept.add(std::move(done)); };
  Running running({}, callbacks);
  auto waiting = crowd(running, kept, kProbe, kMaxWaitingProbes);
  expect_come_again(running, kProbe);
  running.on_loop([&] { kept.take()(watch::Refusal{watch::Refusal::Why::stopping, "that is all"}); });
  EXPECT_EQ(waiting.front().hear().status, 503U);
  waiting.emplace_back(running.port());
  ASSERT_TRUE(waiting.back().say(kProbe));
  while (kept.size() < static_cast<std::size_t>(kMaxWaitingProbes)) running.on_loop([] {});
}

}  // namespace
}  // namespace mxhealth::web
