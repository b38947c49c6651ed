// Coroutines side by side, and one that waits for all of them.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <exception>
#include <utility>

#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::watch {

/// Must stay where it is until everything that was begun is done.
class Countdown {
 public:
  explicit Countdown(net::asio::io_context& io) : timer_(io.get_executor()) { timer_.expires_at(Mono::max()); }
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;

  void begin(net::awaitable<void> work) {
    ++left_;
    boost::asio::co_spawn(timer_.get_executor(), std::move(work), [this](const std::exception_ptr& bug) {
      if (--left_ == 0) timer_.cancel();
      if (bug) std::rethrow_exception(bug);
    });
  }
  net::awaitable<void> all_done() {
    while (left_ > 0) co_await timer_.async_wait(net::as_values);
  }

 private:
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    net::Executor>
      timer_;
  std::size_t left_ = 0;
};

}  // namespace mxhealth::watch
