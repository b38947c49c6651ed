// What the tests of this room share: a probing loop with a generation, short time limits, and endpoints whose attempts
// are written down. Mail hosts are those of net/loopback.hpp.
#pragma once

#include "net/loopback.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {

using namespace mxhealth::test;

inline const DomainName kDomain = name("example.net");

struct Attempt {
  const Endpoint* endpoint;
  Ending ending;
  std::optional<Cause> cause;
  std::vector<ServerName> names;
  Mono at;
};

class WatchTest : public testing::Test, public EndpointWatcher, public Scheduler::Watcher {
 protected:
  static void SetUpTestSuite() { static const int keeper [[maybe_unused]] = net::open_stamp_keeper(); }

  WatchTest() {
    config.global.interval = 60s;
    config.global.ehlo_name = name("probe.example.org");
    config.global.timeouts = {.dns = 1s, .connect = 1s, .banner = 1s, .reply = 1s, .tls = 1s, .session = 4s};
    config.global.confirm = {.probes = 2, .after = 100ms};
    config.limits.non_public_targets = true;
  }

  std::shared_ptr<net::Generation> generation() {
    return std::make_shared<net::Generation>(loop, config, tls::TrustStore::trusting_nobody());
  }
  std::shared_ptr<Endpoint> endpoint(Peer peer, const std::vector<ServerName>& names, Duration interval = 60s,
                                     bool implicit_tls = false) {
    auto made = std::make_shared<Endpoint>(EndpointKey{peer, implicit_tls}, io, scheduler, *this);
    made->use(generation());
    for (const ServerName& server : names) made->want(kDomain, server, interval, true);
    return made;
  }
  /// Probes until so many attempts have been made since the test began.
  bool attempted(std::size_t count, Duration limit = kPatience) {
    return run_until(
        io, [&] { return attempts.size() >= count; }, limit);
  }
  /// An endpoint with a state, whichever it is.
  std::shared_ptr<Endpoint> probed(Peer peer, const std::vector<ServerName>& names, bool implicit_tls = false) {
    auto made = endpoint(peer, names, 60s, implicit_tls);
    made->begin(clock_now());
    EXPECT_TRUE(run_until(io, [&] { return made->last_known(names.front()) != nullptr && !made->running(); }));
    return made;
  }

  asio::io_context io{1};
  net::Loop loop{io};
  config::Config config;
  Scheduler scheduler{io, {.all = 50, .reserved = 5}, *this};
  std::vector<Attempt> attempts;
  std::vector<std::shared_ptr<Errand>> errands;  // all that are to be done wherever a session goes
  std::function<void(const Endpoint&, const SessionRun&, const std::optional<CauseFound>&,
                     const std::vector<ServerName>&)>
      on_attempt;
  /// What egress says of failures in doubt, and since when each was: as if there were no canaries.
  diagnosis::Blame blame = diagnosis::Blame::own;
  std::vector<Mono> doubts;
  int connects = 0;
  bool oldest_tls_wanted = false;
  int oldest_tls_told = 0;

 private:
  void connected(const Endpoint&) override { ++connects; }
  diagnosis::Blame dialled(Endpoint&, const SessionRun&, const std::optional<CauseFound>& cause, Mono since) override {
    if (!cause || !diagnosis::may_be_egress(cause->cause)) return diagnosis::Blame::own;
    doubts.push_back(since);
    return blame;
  }
  void attempted(const Endpoint& which, const std::shared_ptr<const SessionRun>& run,
                 const std::optional<CauseFound>& cause, const std::vector<ServerName>& names) override {
    attempts.push_back({&which, run->ending, cause ? std::optional(cause->cause) : std::nullopt, names, clock_now()});
    if (on_attempt) on_attempt(which, *run, cause, names);
  }
  void session_took(Duration) override {}
  void state_changed(const Endpoint&) override {}
  std::vector<std::shared_ptr<Errand>> errands_due(const Endpoint&, const std::vector<ServerName>&) override {
    std::vector<std::shared_ptr<Errand>> due;
    for (const auto& errand : errands)
      if (errand->is_due(clock_now())) due.push_back(errand);
    return due;
  }
  bool wants_oldest_tls(const Endpoint&) override { return oldest_tls_wanted; }
  void oldest_tls_known(const Endpoint&) override { ++oldest_tls_told; }
  void started(Duration) override {}
  void counts(std::size_t, std::size_t) override {}
};

inline void answer_ok(Talk& talk) {
  talk.say("220 mx\r\n");
  talk.line();
  talk.say("250 mx\r\n");
  if (talk.line() == "QUIT") talk.say("221 bye\r\n");
  talk.rest();
}

/// Answers MAIL by this, everything else by yes; an empty answer hangs up.
inline Host::Script answer_to_mail(std::string answer) {
  return [answer](Talk& talk) {
    talk.say("220 mx\r\n");
    for (std::string line = talk.line(); line != "(gone)" && line != "QUIT"; line = talk.line()) {
      const bool mail = line.starts_with("MAIL");
      if (mail && answer.empty()) return;
      talk.say(mail ? answer : "250 yes\r\n");
    }
    talk.say("221 bye\r\n");
  };
}

inline Host::Script greet_with(std::string greeting) {
  return [greeting](Talk& talk) {
    talk.say(greeting + "\r\n");
    talk.line();
    talk.say("221 bye\r\n");
    talk.rest();
  };
}

/// ESMTP with STARTTLS.
inline Host::Script with_tls(const Identity& identity, std::function<void(Talk&)> shaken = {}) {
  return [&identity, shaken](Talk& talk) {
    talk.say("220 mx\r\n");
    talk.line();
    talk.say("250-mx\r\n250 STARTTLS\r\n");
    if (talk.line() != "STARTTLS") return;
    talk.say("220 go\r\n");
    if (!talk.start_tls(identity)) return;
    if (shaken) shaken(talk);
    talk.line();
    talk.say("250 mx\r\n");
    talk.line();
    talk.say("221 bye\r\n");
    talk.rest();
  };
}

}  // namespace mxhealth::watch
