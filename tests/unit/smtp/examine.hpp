// What must hold whatever octets a server sends: shared by the fuzz targets and the replay of their corpora.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/capabilities.hpp"
#include "smtp/dialogue.hpp"
#include "smtp/reply.hpp"

namespace mxhealth::smtp::test {

inline void demand(bool holds) {
  if (!holds) std::abort();
}

inline void examine_capabilities(std::string_view text) {
  Reply reply;
  reply.code = 250;
  reply.text = text;
  const Capabilities offers = read_capabilities(reply);
  demand(offers.esmtp);
  demand(offers.auth.size() <= kMaxAuthMechanisms);
  demand(std::set(offers.auth.begin(), offers.auth.end()).size() == offers.auth.size());
  for (const std::string& mechanism : offers.auth) {
    demand(!mechanism.empty() && mechanism.size() <= kMaxAuthMechanism);
    demand(mechanism.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == std::string::npos);
  }
}

inline void examine_reply(const Reply& reply) {
  demand(reply.code >= 200 && reply.code <= 599);
  demand(reply.lines >= 1 && reply.lines <= kMaxReplyLines);
  demand(reply.text.size() < kMaxReply);
  demand(static_cast<std::size_t>(std::ranges::count(reply.text, '\n')) + 1 == reply.lines);
  demand(reply.mixed_codes ? reply.lines > 1 : true);
  demand(reply.enhanced.empty() || reply.enhanced.front() - '0' == reply.code_class());
  demand(printable(fact(reply, Phase::banner).text) == fact(reply, Phase::banner).text ||
         reply.first_line().size() > kMaxTranscriptLine);
  examine_capabilities(reply.text);
}

/// Plays the octets to a dialogue, `chunk` at a time, and tells all replies that were read, and how it ended.
inline std::vector<std::string> examine_session(std::string_view octets, std::size_t chunk, TlsMode mode) {
  constexpr std::size_t kMostReplies = 6;  // banner, EHLO, HELO, STARTTLS, EHLO, HELO
  std::vector<std::string> seen;
  SessionRun run;
  ReplyReader reader;
  Dialogue dialogue({mode, "probe.example.net"}, run);
  Step step = dialogue.begin();
  while (!std::holds_alternative<Finish>(step)) {
    if (std::holds_alternative<StartHandshake>(step)) {
      step = dialogue.on_handshake_done();
      continue;
    }
    const auto status = reader.next();
    if (status == ReplyReader::Status::reply) {
      examine_reply(reader.reply());
      seen.push_back(reader.reply().text);
      step = dialogue.on_reply(reader.reply(), false);
    } else if (status != ReplyReader::Status::need_more) {
      demand(reader.offending_line().size() <= kMaxReplyLine);
      seen.push_back(status == ReplyReader::Status::not_smtp ? "not_smtp" : "too_long");
      step = dialogue.on_unreadable(status);
    } else if (octets.empty()) {
      step = dialogue.failed(Ending::peer_closed);
    } else {
      reader.feed(octets.substr(0, chunk));
      octets.remove_prefix(std::min(chunk, octets.size()));
    }
    demand(reader.pending().size() <= kMaxPending);
  }
  demand(run.replies.size() <= kMostReplies);
  demand(run.at(run.ended_in).begun);
  return seen;
}

/// The first octet picks the TLS mode and the size of the pieces; what is read must not depend on the pieces.
inline void examine_replies(std::string_view input) {
  if (input.empty() || input.size() > kMaxPending) return;
  const auto first = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  const auto mode = static_cast<TlsMode>(first % 3);
  const auto whole = examine_session(input, kMaxPending, mode);
  demand(examine_session(input, 1 + first / 3, mode) == whole);
}

}  // namespace mxhealth::smtp::test
