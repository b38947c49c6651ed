// Events on a real stderr: a pipe stands in for it, read back without waiting.
#include "log/event.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace mxhealth::log {
namespace {

/// Puts `writer` in the place of stderr and gives stderr back at the end.
class StderrTo {
 public:
  explicit StderrTo(int writer) : saved_(::dup(STDERR_FILENO)) {
    ::dup2(writer, STDERR_FILENO);
    ::close(writer);
  }
  ~StderrTo() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
  }
  StderrTo(const StderrTo&) = delete;
  StderrTo& operator=(const StderrTo&) = delete;

 private:
  int saved_;
};

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
};

std::string drained(int reader) {
  ::fcntl(reader, F_SETFL, O_NONBLOCK);
  std::string all;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(reader, buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return all;
}

TEST(Event, is_one_logfmt_line_with_a_utc_stamp) {
  Pipe pipe;
  {
    StderrTo here(pipe.ends[1]);
    configure(Level::info, Format::logfmt);
    event(Level::warn, "host_down", {{"server", "mx1.example.com"}, {"port", 25}, {"reason", "no answer"}});
  }
  const std::string text = drained(pipe.ends[0]);
  ASSERT_TRUE(text.starts_with("time=2")) << text;
  EXPECT_TRUE(text.ends_with("Z level=warn event=host_down server=mx1.example.com port=25 reason=\"no answer\"\n"))
      << text;
  ::close(pipe.ends[0]);
}

TEST(Event, is_one_json_object_per_line) {
  Pipe pipe;
  {
    StderrTo here(pipe.ends[1]);
    configure(Level::debug, Format::json);
    event(Level::debug, "odd", {{"text", std::string_view("a\"b\n\0c", 6)}, {"yes", true}});
  }
  const std::string text = drained(pipe.ends[0]);
  EXPECT_TRUE(text.starts_with("{\"time\":\"2")) << text;
  EXPECT_TRUE(text.ends_with(",\"level\":\"debug\",\"event\":\"odd\",\"text\":\"a\\\"b\\n\\u0000c\",\"yes\":true}\n"))
      << text;
  ::close(pipe.ends[0]);
}

TEST(Event, below_the_level_is_neither_written_nor_counted) {
  Pipe pipe;
  const auto before = written(Level::debug);
  {
    StderrTo here(pipe.ends[1]);
    configure(Level::info, Format::logfmt);
    event(Level::debug, "unseen");
  }
  EXPECT_EQ(drained(pipe.ends[0]), "");
  EXPECT_EQ(written(Level::debug), before);
  ::close(pipe.ends[0]);
}

TEST(Event, braces_in_a_value_are_no_format) {
  Pipe pipe;
  {
    StderrTo here(pipe.ends[1]);
    configure(Level::info, Format::logfmt);
    event(Level::info, "x", {{"text", "{} {0} %v %n"}});
  }
  EXPECT_TRUE(drained(pipe.ends[0]).ends_with("text=\"{} {0} %v %n\"\n"));
  ::close(pipe.ends[0]);
}

TEST(Event, does_not_wait_for_a_full_pipe_and_counts_what_is_lost) {
  Pipe pipe;
  ::fcntl(pipe.ends[1], F_SETPIPE_SZ, 4096);
  const auto lost = dropped();
  const auto lines = written(Level::info);
  {
    StderrTo here(pipe.ends[1]);
    configure(Level::info, Format::logfmt);
    for (int i = 0; i < 200; ++i) event(Level::info, "filling", {{"text", std::string(100, 'x')}});
  }
  EXPECT_EQ(written(Level::info) - lines, 200U);
  EXPECT_GT(dropped() - lost, 100U);
  const std::string text = drained(pipe.ends[0]);
  EXPECT_TRUE(text.ends_with("x\n"));  // no half line
  ::close(pipe.ends[0]);
}

TEST(Event, survives_a_reader_that_went_away) {
  Pipe pipe;
  ::close(pipe.ends[0]);
  const auto lost = dropped();
  {
    StderrTo here(pipe.ends[1]);
    configure(Level::info, Format::logfmt);
    event(Level::error, "nobody_listens");
  }
  EXPECT_EQ(dropped() - lost, 1U);
}

TEST(Event, does_not_wait_for_a_full_socket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const auto lost = dropped();
  {
    StderrTo here(ends[1]);
    configure(Level::info, Format::logfmt);
    for (int i = 0; i < 5000; ++i) event(Level::info, "filling", {{"text", std::string(900, 'x')}});
  }
  EXPECT_GT(dropped() - lost, 0U);
  ::close(ends[0]);
}

TEST(Labels, are_those_of_the_flags) {
  EXPECT_EQ(level_of_label("warn"), Level::warn);
  EXPECT_EQ(level_of_label("WARN"), std::nullopt);
  EXPECT_EQ(format_of_label("json"), Format::json);
  EXPECT_EQ(format_of_label("xml"), std::nullopt);
}

}  // namespace
}  // namespace mxhealth::log
