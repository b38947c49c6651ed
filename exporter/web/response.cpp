#include "web/response.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "metrics/gzip.hpp"

namespace mxhealth::web {
namespace {

// Nothing from other hosts, nothing inline, no frames; nothing tells another site where a reader came from.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSecurity{{
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
     "form-action 'self'; frame-ancestors 'none'"},
}};

/// RFC 9110 section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT
std::string date(Wall now) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> rest{};
  std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &parts);
  std::string text = kDays[static_cast<std::size_t>(parts.tm_wday)];
  text.append(parts.tm_mday < 10 ? ", 0" : ", ").append(std::to_string(parts.tm_mday)).append(" ");
  return text.append(kMonths[static_cast<std::size_t>(parts.tm_mon)]).append(rest.data());
}

void append_field(std::string& lines, std::string_view name, std::string_view value) {
  lines.append(name).append(": ").append(value).append("\r\n");
}

std::string head(const Answer& answer, const Framing& framing, std::size_t length) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  text.append(reason(answer.status)).append("\r\nDate: ").append(date(framing.now));
  text.append("\r\nContent-Type: ").append(answer.content_type);
  text.append("\r\nContent-Length: ").append(std::to_string(length)).append("\r\n");
  for (const auto& [name, value] : answer.fields) append_field(text, name, value);
  if (answer.gzip) text += "Content-Encoding: gzip\r\n";
  text.append("Vary: ").append(answer.vary).append("\r\n");
  text += framing.security;
  // Said always, since a client of HTTP/1.0 that asked to stay must be told that it may.
  text +=
      framing.persistence == Persistence::keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return text;
}

}  // namespace

std::string security_fields(const std::vector<std::pair<std::string_view, std::string>>& more) {
  std::string lines;
  for (const auto& [name, value] : kSecurity) {
    const auto same = [&name = name](const auto& other) { return other.first == name; };
    if (std::ranges::none_of(more, same)) append_field(lines, name, value);
  }
  for (const auto& [name, value] : more) append_field(lines, name, value);
  return lines;
}

Response::Response(Answer answer, const Framing& framing) : answer_(std::move(answer)) {
  parts_.emplace_back();  // the head's place
  if (answer_.gzip) {
    gzip_head_ = metrics::gzip_head();
    gzip_tail_ = metrics::gzip_tail(answer_.pages);
    parts_.push_back(gzip_head_);
    for (const auto& page : answer_.pages) parts_.push_back(page->deflated().bytes);
    parts_.push_back(gzip_tail_);
  } else {
    for (const auto& page : answer_.pages) parts_.push_back(page->text());
  }
  std::size_t length = 0;
  for (const std::string_view part : parts_) length += part.size();
  head_ = head(answer_, framing, length);
  parts_.front() = head_;
  if (!framing.body) parts_.resize(1);
}

}  // namespace mxhealth::web
