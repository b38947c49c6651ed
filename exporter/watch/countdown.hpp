// Lets a coroutine wait for several others that count themselves off.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstddef>

#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::watch {

struct Countdown {
  explicit Countdown(net::asio::io_context& io, std::size_t count) : timer(io.get_executor()), left(count) {
    timer.expires_at(Mono::max());
  }
  void one_done() {
    if (--left == 0) timer.cancel();
  }
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    net::Executor>
      timer;
  std::size_t left;
};

}  // namespace mxhealth::watch
