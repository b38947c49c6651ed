#include "ctl/served_key.hpp"

#include "net/loopback.hpp"

namespace mxhealth::ctl {
namespace {

using namespace mxhealth::test;
using namespace std::chrono_literals;

const Name kName = *Name::parse("mx.example.com");

void until_tls(Talk& talk) {
  talk.say("220 mx.example.com ESMTP\r\n");
  talk.line();
  talk.say("250 STARTTLS\r\n");
  talk.line();
  talk.say("220 go on\r\n");
}

/// How long it took to give up on a host that says something every 20 ms for ever.
std::chrono::steady_clock::duration time_with(Host::Script script, const std::string& problem) {
  Host host(std::move(script));
  const auto begin = std::chrono::steady_clock::now();
  const ServedKey key = served_key(host.peer(), kName, kName, 300ms);
  EXPECT_EQ(key.sha256, "");
  EXPECT_EQ(key.problem, problem);
  return std::chrono::steady_clock::now() - begin;
}

void drip(Talk& talk, const std::string& octet) {
  for (int i = 0; i < 200 && talk.say(octet); ++i) ::poll(nullptr, 0, 20);
}

TEST(ServedKey, is_seen_behind_starttls) {
  const tls::testing::Issued leaf = tls::testing::self_signed(valid_today("mx.example.com"));
  const Identity identity{leaf};
  Host host([&](Talk& talk) {
    until_tls(talk);
    talk.start_tls(identity);
    talk.rest();
  });
  const ServedKey key = served_key(host.peer(), kName, kName);
  EXPECT_EQ(key.problem, "");
  EXPECT_EQ(key.sha256.size(), 64U);
}

TEST(ServedKey, is_not_waited_for_longer_because_a_handshake_drips) {
  const auto took = time_with(
      [](Talk& talk) {
        until_tls(talk);
        talk.say(std::string("\x16\x03\x03\x3f\xff", 5));
        drip(talk, "\x02");
      },
      "the TLS handshake fails");
  EXPECT_LT(took, 2s);
}

TEST(ServedKey, is_not_waited_for_longer_because_a_greeting_drips) {
  const auto took = time_with([](Talk& talk) { drip(talk, "220-hello\r\n"); }, "no 220 greeting");
  EXPECT_LT(took, 2s);
}

TEST(ServedKey, is_not_looked_for_in_endless_replies) {
  const auto took = time_with(
      [](Talk& talk) {
        for (int i = 0; i < 100'000 && talk.say("220-" + std::string(1000, 'x') + "\r\n"); ++i) {
        }
      },
      "no 220 greeting");
  EXPECT_LT(took, 2s);
}

}  // namespace
}  // namespace mxhealth::ctl
