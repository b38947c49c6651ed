// Session runs as the driver would leave them, for the tests of this room and of forecast: made by the real dialogue.
#pragma once

#include <string_view>
#include <vector>

#include "model/session_run.hpp"
#include "smtp/dialogue.hpp"

namespace mxhealth::testing {

inline constexpr std::string_view kGreeting = "220 mx ESMTP\r\n";
inline constexpr std::string_view kPlainEhlo = "250-mx\r\n250 SIZE\r\n";
inline constexpr std::string_view kTlsEhlo = "250-mx\r\n250 STARTTLS\r\n";
inline constexpr std::string_view kGoAhead = "220 go ahead\r\n";

/// How a session ends when the server's lines are used up.
struct End {
  Ending ending = Ending::complete;
  int error = 0;
};

/// Plays `replies` to a dialogue; what is due after the last one fails with `end`. A handshake that is reached succeeds
/// with `tls` if there is one, and fails with `end` otherwise.
inline SessionRun played(smtp::DialoguePlan plan, const std::vector<std::string_view>& replies, End end = {},
                         const std::optional<TlsFacts>& tls = {}) {
  SessionRun run;
  smtp::Dialogue dialogue(std::move(plan), run);
  smtp::ReplyReader reader;
  smtp::Step step = dialogue.begin();
  auto reply = replies.begin();
  while (!std::holds_alternative<smtp::Finish>(step)) {
    if (std::holds_alternative<smtp::StartHandshake>(step)) {
      if (tls) {
        run.tls = tls;
        step = dialogue.on_handshake_done();
      } else {
        step = dialogue.failed(end.ending, end.error);
      }
    } else if (reply == replies.end()) {
      step = dialogue.failed(end.ending, end.error);
    } else {
      reader.feed(*reply++);
      const auto status = reader.next();
      step = status == smtp::ReplyReader::Status::reply ? dialogue.on_reply(reader.reply(), !reader.pending().empty())
                                                        : dialogue.on_unreadable(status);
    }
  }
  return run;
}

inline SessionRun played(const std::vector<std::string_view>& replies, End end = {},
                         const std::optional<TlsFacts>& tls = {}, smtp::TlsMode mode = smtp::TlsMode::if_offered) {
  return played(smtp::DialoguePlan{.tls = mode, .ehlo_name = "probe.example.net"}, replies, end, tls);
}

/// connect() itself failed.
inline SessionRun unconnected(End end) {
  SessionRun run;
  smtp::Dialogue dialogue({}, run);
  dialogue.failed(end.ending, end.error);
  return run;
}

inline TlsFacts tls_facts(ChainVerdict verdict, std::string_view name, bool matches) {
  TlsFacts facts;
  facts.sni = *ServerName::parse(name);
  facts.chain.emplace();
  facts.chain->verdict = verdict;
  facts.chain->names.push_back({facts.sni, matches});
  return facts;
}

}  // namespace mxhealth::testing
