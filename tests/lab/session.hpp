// One connection to a scripted host: plays the behaviour's script, then answers commands from its table.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lab/await.hpp"
#include "lab/certs.hpp"
#include "lab/mail_host.hpp"
#include "lab/script.hpp"
#include "lab/tls_pipe.hpp"

namespace mxhealth::lab {

class Session {
 public:
  Session(TcpSocket socket, std::string host, BehaviourPtr behaviour, Certificates& certificates,
          std::shared_ptr<MailSeen> seen);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Keeps `self` alive until the connection is over.
  static awaitable<> play(std::shared_ptr<Session> self);
  void stop();

 private:
  enum class Next { go_on, hang_up };

  awaitable<Next> run(const Steps& steps);
  awaitable<Next> do_step(const Step& step);
  awaitable<Next> answer(std::string line);
  awaitable<Next> expect(std::string verb);
  awaitable<Next> hear();
  awaitable<Next> read_data();
  awaitable<Next> pause(std::chrono::milliseconds time);
  awaitable<Next> drip(const Step& step);
  awaitable<Next> flood(const Step& step);
  awaitable<Next> handshake();
  awaitable<Next> broken_flight(const Step& step);
  awaitable<Next> listen_until_peer_leaves();
  awaitable<Next> close();

  awaitable<Next> write(std::string bytes);
  awaitable<Next> send_raw(std::string bytes);
  awaitable<bool> receive();
  awaitable<std::optional<std::string>> read_line();

  std::string lines(std::string_view text) const;
  std::string named(std::string text) const;  ///< `{host}` and `{now}` filled in
  std::string capabilities() const;
  const Steps* steps_for(const std::string& verb) const;
  void note_line(const std::string& line);
  void look_for_early_talk();

  TcpSocket socket_;
  std::string host_;
  BehaviourPtr behaviour_;
  Certificates& certificates_;
  std::shared_ptr<MailSeen> seen_;
  std::unique_ptr<TlsPipe> tls_;
  std::optional<Timer> timer_;
  std::string input_;  // received, not yet read; clear text
  bool greeting_ = true;
};

}  // namespace mxhealth::lab
