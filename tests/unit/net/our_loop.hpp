// Ways for a test to run our loop until something is so, to keep it busy, and to crowd it. Every wait is bounded.
#pragma once

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "model/address.hpp"
#include "model/name.hpp"
#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::test {

using namespace std::chrono_literals;
namespace asio = boost::asio;

inline constexpr auto kPatience = 10s;

inline Mono clock_now() { return std::chrono::steady_clock::now(); }
inline Name name(std::string_view text) { return Name::parse(text).value(); }
inline Address address(std::string_view text) { return Address::parse(text).value(); }

/// Our loop does nothing else meanwhile.
inline void be_busy_until(Mono when) {
  while (clock_now() < when) std::this_thread::yield();
}

template <class Condition>
bool run_until(asio::io_context& io, Condition condition, Duration limit = kPatience) {
  const Mono end = clock_now() + limit;
  while (!condition()) {
    if (clock_now() >= end) return false;
    io.restart();
    io.run_one_for(5ms);
  }
  return true;
}

inline void run_for(asio::io_context& io, Duration time) {
  run_until(
      io, [] { return false; }, time);
}

template <class T>
T finish(asio::io_context& io, net::awaitable<T> coroutine, Duration limit = kPatience) {
  std::optional<T> result;
  asio::co_spawn(io.get_executor(), std::move(coroutine), [&](const std::exception_ptr& bug, T value) {
    if (bug) std::rethrow_exception(bug);
    result = std::move(value);
  });
  if (!run_until(
          io, [&] { return result.has_value(); }, limit))
    throw std::runtime_error("the coroutine did not end in time");
  return std::move(*result);
}

inline void finish(asio::io_context& io, net::awaitable<void> coroutine, Duration limit = kPatience) {
  bool done = false;
  asio::co_spawn(io.get_executor(), std::move(coroutine), [&](const std::exception_ptr& bug) {
    if (bug) std::rethrow_exception(bug);
    done = true;
  });
  if (!run_until(
          io, [&] { return done; }, limit))
    throw std::runtime_error("the coroutine did not end in time");
}

/// More descriptors with news than one epoll_wait reports (Asio asks for 128): whatever becomes ready behind them is
/// found after the timers.
class Crowd {
 public:
  explicit Crowd(asio::io_context& io) {
    for (int i = 0; i < 300; ++i) {
      auto& one = descriptors_.emplace_back(io, ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
      one.async_wait(asio::posix::stream_descriptor::wait_read, [](const boost::system::error_code&) {});
    }
    io.restart();
    io.poll();
  }
  void shout() {
    const std::uint64_t one = 1;
    for (auto& descriptor : descriptors_) EXPECT_EQ(::write(descriptor.native_handle(), &one, sizeof one), 8);
  }

 private:
  std::list<asio::posix::stream_descriptor> descriptors_;
};

}  // namespace mxhealth::test
