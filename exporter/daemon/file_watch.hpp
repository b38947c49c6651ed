// Notices that the target files changed: looks at names, sizes and dates every few seconds on the worker, and says so
// on the probing loop. Polling rather than inotify: it also works on network file systems and for mounted ConfigMaps.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace mxhealth::daemon {

/// A pattern that fits this path alone, whatever characters are in it.
std::filesystem::path literal(const std::filesystem::path& path);

class FileWatch {
 public:
  static constexpr std::chrono::milliseconds kEvery{5000};

  /// `changed` is called on `loop`. Without patterns nothing is watched.
  FileWatch(boost::asio::io_context& loop, boost::asio::thread_pool& worker,
            std::vector<std::filesystem::path> patterns, std::function<void()> changed,
            std::chrono::milliseconds every = kEvery);
  ~FileWatch();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mxhealth::daemon
