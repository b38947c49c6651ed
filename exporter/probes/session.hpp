// One SMTP session with one address: dial, talk as smtp/dialogue says, time each phase, write everything into a run.
// Never decides what a run means, never logs, never counts. A run cut short still tells what was learnt.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "model/session_run.hpp"
#include "model/tls_version.hpp"
#include "net/link.hpp"
#include "net/session_tools.hpp"
#include "net/tls_link.hpp"
#include "smtp/dialogue.hpp"

namespace mxhealth::probes {

inline constexpr Duration kQuitWait = std::chrono::seconds(5);   // for the 221; its absence harms nobody
inline constexpr Duration kDrainWait = std::chrono::seconds(2);  // for a reply, once we are asked to end

struct SessionPlan {
  Peer peer;
  std::optional<Address> source;
  std::vector<ServerName> names;  ///< the first is sent as SNI, all are matched against the certificate
  smtp::DialoguePlan dialogue;
  std::optional<TlsVersion> only = {};  ///< the one version of TLS to offer; none: all
  config::Timeouts timeouts;
  std::function<void()> connected = {};  ///< called once connect() is done; may be empty
};

class Session {
 public:
  Session(net::SessionTools tools, SessionPlan plan);

  net::awaitable<void> run();

  /// Ends soon: at once before the greeting or inside a handshake, else after the reply we wait for, with QUIT.
  void drain();

  const SessionRun& result() const { return run_; }
  SessionRun take_result() { return std::move(run_); }

 private:
  net::awaitable<smtp::Step> connect();
  smtp::Step stop_before(const smtp::Step& step);
  net::awaitable<smtp::Step> carry_out(smtp::Step step);
  net::awaitable<smtp::Step> send(smtp::Send what);
  net::awaitable<smtp::Step> await_reply();
  net::awaitable<smtp::Step> shake_hands();
  net::awaitable<void> say_quit();
  net::awaitable<net::IoResult> read();
  net::awaitable<net::IoResult> write(std::string bytes);

  smtp::Step lost(const net::IoResult& result);
  ServerName server_name_indication() const;
  void take_tls_facts();
  void note_reply(const smtp::Reply& reply);
  void note_heard(std::string_view line);
  void begin_phase(Phase phase, Mono at);
  void end_phase(const net::IoResult& result);
  Duration since_start() const;

  net::SessionTools tools_;
  SessionPlan plan_;
  SessionRun run_;
  smtp::Dialogue dialogue_;
  smtp::ReplyReader reader_;
  net::Link link_;
  std::unique_ptr<net::TlsLink> secure_;
  Mono begun_{};
  Mono phase_begun_{};
  Mono last_event_{};  // when the peer last said something: where a wait for more begins
  Phase phase_ = Phase::connect;
  bool draining_ = false;
};

}  // namespace mxhealth::probes
