// A scripted SMTP server at one address and port: plays a Behaviour to every connection, and counts what it sees.
// Does not deliver mail, and has no time limits: a session lasts until its script or its peer ends it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/await.hpp"
#include "lab/certs.hpp"
#include "lab/faults.hpp"
#include "lab/script.hpp"

namespace mxhealth::lab {

/// What a host saw. `lines` holds the first kMaxLinesKept received lines, for tests to look at.
struct MailSeen {
  static constexpr std::size_t kMaxLinesKept = 256;

  std::uint64_t sessions = 0;
  std::uint64_t open_now = 0;
  std::uint64_t most_open = 0;
  std::uint64_t lines_received = 0;
  std::uint64_t quits = 0;
  std::uint64_t handshakes = 0;
  bool talked_early = false;  ///< bytes came before the greeting was complete
  std::vector<std::string> lines;
};

class Session;

class MailHost {
 public:
  /// Binds at once; a port of 0 is chosen by the kernel. Throws boost::system::system_error when the address is in use.
  MailHost(asio::io_context& io, std::string name, const tcp::endpoint& at, BehaviourPtr behaviour,
           Certificates& certificates);
  ~MailHost();
  MailHost(const MailHost&) = delete;
  MailHost& operator=(const MailHost&) = delete;

  const std::string& name() const { return name_; }
  const tcp::endpoint& endpoint() const { return endpoint_; }
  const MailSeen& seen() const { return *seen_; }

  /// For sessions that begin from now on; also between listening and not listening.
  void play(BehaviourPtr behaviour);
  const Behaviour& behaviour() const { return *behaviour_; }

 private:
  void open();
  void accept_next();

  asio::io_context& io_;
  std::string name_;
  tcp::endpoint endpoint_;
  BehaviourPtr behaviour_;
  Certificates& certificates_;
  std::shared_ptr<MailSeen> seen_ = std::make_shared<MailSeen>();
  std::shared_ptr<bool> opened_;  // accepts that outlive this opening find it gone
  std::optional<Acceptor> acceptor_;
  std::optional<FullListener> full_;
  std::vector<std::weak_ptr<Session>> sessions_;
};

}  // namespace mxhealth::lab
