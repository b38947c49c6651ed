// A dialogue that a test drives by the server's lines.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "smtp/dialogue.hpp"

namespace mxhealth::smtp::testing {

// A session written as the bytes that came and the steps that were answered.
class Session {
 public:
  explicit Session(TlsPolicy policy = TlsPolicy::opportunistic)
      : Session(DialoguePlan{.tls = tls_mode(policy), .ehlo_name = "probe.example.net"}) {}
  explicit Session(DialoguePlan plan) : dialogue_(std::move(plan), run) {}

  std::string begin() { return text(dialogue_.begin()); }
  std::string server(std::string_view bytes) {
    reader_.feed(bytes);
    const auto status = reader_.next();
    EXPECT_NE(status, ReplyReader::Status::need_more);
    if (status != ReplyReader::Status::reply) return text(dialogue_.on_unreadable(status));
    return text(dialogue_.on_reply(reader_.reply(), !reader_.pending().empty()));
  }
  std::string handshake_done() { return text(dialogue_.on_handshake_done()); }
  std::string failed(Ending ending, int error = 0) { return text(dialogue_.failed(ending, error)); }
  Phase phase() const { return dialogue_.phase(); }

  std::string greeted() {
    const std::string first = begin();
    return first + "|" + server("220 mx ESMTP\r\n");
  }

  SessionRun run;
  std::string shown;  // of the last line, for transcripts

 private:
  std::string text(const Step& step) {
    if (const auto* send = std::get_if<Send>(&step)) {
      shown = send->shown;
      return send->line;
    }
    if (const auto* finish = std::get_if<Finish>(&step)) return finish->quit ? "quit" : "close";
    return std::holds_alternative<StartHandshake>(step) ? "handshake" : "await";
  }
  ReplyReader reader_;
  Dialogue dialogue_;
};

}  // namespace mxhealth::smtp::testing
