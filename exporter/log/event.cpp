// spdlog gives the time stamp, the level filter and the lock; the sink is ours, since a log must not hold up a loop:
// it asks before it writes, and what cannot be written at once is dropped and counted.
#include "log/event.hpp"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <mutex>

#include "log/line.hpp"

namespace mxhealth::log {
namespace {

constexpr std::array<std::string_view, kLevelCount> kLevelLabels{"debug", "info", "warn", "error"};
constexpr std::array<spdlog::level::level_enum, kLevelCount> kSpdlogLevels{spdlog::level::debug, spdlog::level::info,
                                                                           spdlog::level::warn, spdlog::level::err};
constexpr std::string_view kLogfmtPattern = "time=%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr std::string_view kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

/// True when the whole line is out. A socket (the journal) is asked not to wait by a flag, anything else by poll():
/// a pipe that is writable takes PIPE_BUF octets at once (pipe(7)).
bool write_now(int fd, std::string_view text) {
  ssize_t sent = ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) {
    pollfd asked{fd, POLLOUT, 0};
    if (::poll(&asked, 1, 0) != 1 || (asked.revents & POLLOUT) == 0) return false;
    sent = ::write(fd, text.data(), text.size());
  }
  return sent == static_cast<ssize_t>(text.size());
}

class Stderr final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::atomic<std::uint64_t> dropped{0};

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    if (!write_now(STDERR_FILENO, {text.data(), text.size()})) ++dropped;
  }
  void flush_() override {}
};

/// The one state of this room.
struct Output {
  std::shared_ptr<Stderr> sink = std::make_shared<Stderr>();
  spdlog::logger logger{"mxhealth", sink};
  std::atomic<Format> format{Format::logfmt};
  std::array<std::atomic<std::uint64_t>, kLevelCount> written{};

  Output() { use(Level::info, Format::logfmt); }

  void use(Level least, Format wanted) {
    const std::string_view pattern = wanted == Format::json ? kJsonPattern : kLogfmtPattern;
    format = wanted;
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(std::string(pattern), spdlog::pattern_time_type::utc, "\n"));
    logger.set_level(kSpdlogLevels[static_cast<std::size_t>(least)]);
  }
};

Output& output() {
  static Output* const only = new Output;  // never destroyed: the last words of a process are logged too
  return *only;
}

}  // namespace

std::string_view label(Level level) { return kLevelLabels[static_cast<std::size_t>(level)]; }

std::optional<Level> level_of_label(std::string_view text) {
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    if (kLevelLabels[i] == text) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::optional<Format> format_of_label(std::string_view text) {
  if (text == "logfmt") return Format::logfmt;
  if (text == "json") return Format::json;
  return std::nullopt;
}

void configure(Level least, Format format) {
  ::signal(SIGPIPE, SIG_IGN);  // a reader of our stderr that goes away must not end us
  output().use(least, format);
}

void event(Level level, std::string_view name, std::initializer_list<Field> fields) {
  Output& out = output();
  const auto spdlog_level = kSpdlogLevels[static_cast<std::size_t>(level)];
  if (!out.logger.should_log(spdlog_level)) return;
  ++out.written[static_cast<std::size_t>(level)];
  const std::string text = line(out.format, level, name, {fields.begin(), fields.size()});
  out.logger.log(spdlog_level, spdlog::string_view_t(text.data(), text.size()));
}

std::uint64_t written(Level level) { return output().written[static_cast<std::size_t>(level)]; }
std::uint64_t dropped() { return output().sink->dropped; }

}  // namespace mxhealth::log
