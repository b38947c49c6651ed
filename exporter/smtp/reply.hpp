// Reads SMTP replies (RFC 5321 section 4.2) from bytes as they come. No I/O, no timing.
// Tolerant where mail servers are (bare LF, any 2xx..5xx code, a code without text), strict elsewhere: a line that is
// no reply line ends the reading as `not_smtp`, and every length has a bound beyond which it is `too_long`. Text is
// kept raw: whoever stores or prints it makes it printable first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/session_run.hpp"

namespace mxhealth::smtp {

inline constexpr std::size_t kMaxReplyLine = 2048;     // octets with the line end; RFC 5321 4.5.3.1.5 allows 512
inline constexpr std::size_t kMaxReplyLines = 8192;    // EHLO replies of some thousand lines are delivered through
inline constexpr std::size_t kMaxReply = 128 * 1024;   // octets of one reply, all lines
inline constexpr std::size_t kMaxPending = 64 * 1024;  // octets fed but not yet asked for

/// One complete reply. Facts about bad manners are kept: they explain, they do not fail.
struct Reply {
  std::uint16_t code = 0;  ///< of the last line, as Postfix takes it
  std::string text;        ///< the lines without code and separator, joined by '\n', raw
  std::string enhanced;    ///< "4.7.0" of the last line (RFC 2034), class equal to the code's; else empty
  std::size_t lines = 0;
  bool mixed_codes = false;  ///< lines with different codes (against RFC 5321 section 4.2.1)
  bool bare_lf = false;      ///< some line ended without CR

  int code_class() const { return code / 100; }
  std::string_view first_line() const { return std::string_view(text).substr(0, text.find('\n')); }
};

ReplyFact fact(const Reply&, Phase);  ///< for the run: first line, printable

class ReplyReader {
 public:
  enum class Status : std::uint8_t {
    reply,      ///< `reply()` is complete; bytes behind it stay in `pending()`
    need_more,  ///< feed more
    not_smtp,   ///< for good: `offending_line()`
    too_long,   ///< for good
  };

  /// Hands over what the socket gave. Read at most a few KB at a time and call `next` until it needs more.
  void feed(std::string_view bytes);

  /// Goes on to the next reply in what was fed.
  Status next();

  const Reply& reply() const { return reply_; }

  /// What was fed and not yet read: behind a STARTTLS reply an attack, before we speak an unsolicited reply.
  std::string_view pending() const { return std::string_view(buffer_).substr(read_); }

  /// The beginning of the line that is no reply, raw, at most kMaxReplyLine octets.
  std::string_view offending_line() const { return offending_; }

 private:
  enum class LineEnd : std::uint8_t { more, last, bad };
  Status stop(Status);
  LineEnd take_line(std::string_view line);

  std::string buffer_;
  std::size_t read_ = 0;  // octets of buffer_ already consumed
  Reply reply_;
  std::string offending_;
  std::size_t reply_octets_ = 0;
  bool in_reply_ = false;
  bool overflow_ = false;
  Status stopped_ = Status::need_more;  // not_smtp and too_long stay
};

}  // namespace mxhealth::smtp
