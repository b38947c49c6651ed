#include "smtp/reply.hpp"

#include <algorithm>

#include "model/reply_code.hpp"

namespace mxhealth::smtp {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "220", "220 text" or "220-text", as far as it has come: what a reply line may begin with.
bool begins_as_reply(std::string_view line) {
  if (line.empty()) return true;
  if (line[0] < '2' || line[0] > '5') return false;
  if (line.size() > 1 && !is_digit(line[1])) return false;
  if (line.size() > 2 && !is_digit(line[2])) return false;
  return line.size() < 4 || std::string_view(" -\r\n").find(line[3]) != std::string_view::npos;
}

}  // namespace

ReplyFact fact(const Reply& reply, Phase phase) {
  return {phase, reply.code, reply.enhanced, printable(reply.first_line())};
}

void ReplyReader::feed(std::string_view bytes) {
  buffer_.erase(0, read_);
  read_ = 0;
  const std::size_t room = kMaxPending - std::min(kMaxPending, buffer_.size());
  overflow_ = overflow_ || bytes.size() > room;
  buffer_.append(bytes.substr(0, room));
}

ReplyReader::Status ReplyReader::next() {
  if (stopped_ != Status::need_more) return stopped_;
  if (!in_reply_) reply_ = Reply{}, reply_octets_ = 0, in_reply_ = true;
  for (;;) {
    const std::string_view rest = pending();
    // Four octets suffice to know a stranger: a login prompt may never end its line.
    if (rest.size() >= 4 && !begins_as_reply(rest)) return stop(Status::not_smtp);
    const std::size_t lf = rest.find('\n');
    const std::size_t length = lf == std::string_view::npos ? rest.size() : lf + 1;
    if (length > kMaxReplyLine || reply_octets_ + length > kMaxReply) return stop(Status::too_long);
    if (lf == std::string_view::npos) return overflow_ ? stop(Status::too_long) : Status::need_more;
    const LineEnd end = take_line(rest.substr(0, lf));
    if (end == LineEnd::bad) return stop(Status::not_smtp);
    read_ += length;
    reply_octets_ += length;
    if (end == LineEnd::last) {
      in_reply_ = false;
      return Status::reply;
    }
    if (reply_.lines >= kMaxReplyLines) return stop(Status::too_long);
  }
}

// One line without its LF. The code of the last line counts, as Postfix has it; RFC 5321 section 4.2.1 wants them
// equal.
ReplyReader::LineEnd ReplyReader::take_line(std::string_view line) {
  const bool bare_lf = line.empty() || line.back() != '\r';
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.size() < 3 || !begins_as_reply(line)) return LineEnd::bad;
  if (line.size() > 3 && line[3] == '\r') return LineEnd::bad;

  const auto digit = [&](std::size_t i) { return line[i] - '0'; };
  const auto code = static_cast<std::uint16_t>(digit(0) * 100 + digit(1) * 10 + digit(2));
  if (reply_.lines > 0 && code != reply_.code) reply_.mixed_codes = true;
  if (reply_.lines > 0) reply_.text += '\n';
  reply_.code = code;
  reply_.bare_lf = reply_.bare_lf || bare_lf;
  ++reply_.lines;

  const std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view{};
  reply_.text += text;
  if (line.size() > 3 && line[3] == '-') return LineEnd::more;
  reply_.enhanced = leading_enhanced_status(code, text.substr(std::min(text.size(), text.find_first_not_of(' '))));
  return LineEnd::last;
}

ReplyReader::Status ReplyReader::stop(Status status) {
  offending_ = pending().substr(0, std::min(pending().find('\n'), kMaxReplyLine));
  return stopped_ = status;
}

}  // namespace mxhealth::smtp
