#include "daemon/file_watch.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <boost/asio/post.hpp>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace mxhealth::daemon {
namespace {

using Seen = std::map<std::string, std::tuple<ino_t, off_t, time_t, long>>;

Seen look(const std::vector<std::filesystem::path>& patterns) {
  Seen seen;
  for (const auto& pattern : patterns) {
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) {
        struct stat s {};
        if (::stat(found.gl_pathv[i], &s) == 0)
          seen[found.gl_pathv[i]] = {s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec};
      }
    }
    ::globfree(&found);
  }
  return seen;
}

}  // namespace

std::filesystem::path literal(const std::filesystem::path& path) {
  std::string pattern;
  for (const char c : path.native()) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

struct FileWatch::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& l, boost::asio::thread_pool& w, std::vector<std::filesystem::path> p,
        std::function<void()> c, std::chrono::milliseconds e)
      : loop(l), worker(w), timer(l), patterns(std::move(p)), changed(std::move(c)), every(e), seen(look(patterns)) {}

  void wait() {
    timer.expires_after(every);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->ended) return;
      boost::asio::post(self->worker, [self] {
        Seen now = look(self->patterns);
        boost::asio::post(self->loop, [self, looked = std::move(now)] { self->compare(looked); });
      });
    });
  }

  void compare(const Seen& now) {
    if (ended) return;
    wait();
    if (std::exchange(seen, now) != now) changed();
  }

  boost::asio::io_context& loop;
  boost::asio::thread_pool& worker;
  boost::asio::steady_timer timer;
  std::vector<std::filesystem::path> patterns;
  std::function<void()> changed;
  std::chrono::milliseconds every;
  Seen seen;
  bool ended = false;
};

FileWatch::FileWatch(boost::asio::io_context& loop, boost::asio::thread_pool& worker,
                     std::vector<std::filesystem::path> patterns, std::function<void()> changed,
                     std::chrono::milliseconds every)
    : state_(std::make_shared<State>(loop, worker, std::move(patterns), std::move(changed), every)) {
  if (!state_->patterns.empty()) state_->wait();
}

FileWatch::~FileWatch() {
  state_->ended = true;
  state_->timer.cancel();
}

}  // namespace mxhealth::daemon
