// What this program has to say to people: one line on stderr for each event, as logfmt or JSON.
// It is the only room that knows spdlog. It never rotates, buffers or sends anything: that is the service manager's
// work. What can go wrong: nobody reads stderr. Then lines are dropped and counted; a loop is never held up by a full
// pipe.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace mxhealth::log {

enum class Level : std::uint8_t { debug, info, warn, error };
inline constexpr std::size_t kLevelCount = 4;
enum class Format : std::uint8_t { logfmt, json };

std::string_view label(Level);                            // "debug", "info", "warn", "error"
std::optional<Level> level_of_label(std::string_view);    // for --log.level
std::optional<Format> format_of_label(std::string_view);  // for --log.format: "logfmt", "json"

/// One `name=value` of an event. Text may hold any bytes: it is escaped, and cut at kMaxFieldText.
class Field {
 public:
  Field(std::string_view name, std::string_view text) : name_(name), text_(text) {}
  Field(std::string_view name, const char* text) : name_(name), text_(text) {}
  Field(std::string_view name, const std::string& text) : name_(name), text_(text) {}
  Field(std::string_view name, std::integral auto number) requires(!std::same_as<decltype(number), bool>)
      : name_(name), text_(std::to_string(number)), bare_(true) {}
  Field(std::string_view name, std::same_as<bool> auto yes) : name_(name), text_(yes ? "true" : "false"), bare_(true) {}
  Field(std::string_view name, double number);
  Field(std::string_view name, std::chrono::nanoseconds span);  // in seconds: 0.25

  std::string_view name() const { return name_; }
  std::string_view text() const { return text_; }
  bool bare() const { return bare_; }  // a number or a truth value: JSON writes it without quotes

 private:
  std::string_view name_;  // a literal
  std::string text_;
  bool bare_ = false;
};

inline constexpr std::size_t kMaxFieldText = 1000;  // octets of one value
inline constexpr std::size_t kMaxLine = 4096;       // PIPE_BUF on Linux: one write is one line, also between processes

/// Before the first event; may be called again. Default: info, logfmt. Ignores SIGPIPE for the whole process.
void configure(Level least, Format format);

/// `name` is a literal such as "config_reloaded". May be called from every thread.
void event(Level level, std::string_view name, std::initializer_list<Field> fields = {});

std::uint64_t written(Level);  ///< lines of a level since start, dropped ones included
std::uint64_t dropped();       ///< lines that nobody took

}  // namespace mxhealth::log
