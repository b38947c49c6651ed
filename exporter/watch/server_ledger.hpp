// The counters and last known facts of one server and port, over all its addresses: what its ServerRecord is made of.
// Counts every attempt; gauges follow confirmed runs, which it reads from the endpoints. Pure but for those.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/record.hpp"
#include "model/session_run.hpp"
#include "watch/errand.hpp"

namespace mxhealth::watch {

class Endpoint;

class ServerLedger {
 public:
  explicit ServerLedger(ServerKey key);

  void add(const Endpoint& endpoint) { endpoints_.insert(&endpoint); }
  void remove(const Endpoint& endpoint);
  bool has_endpoints() const { return !endpoints_.empty(); }

  void count(const Endpoint& endpoint, const SessionRun& run, const std::optional<CauseFound>& cause);
  void observe_dns(Duration took);
  void note(const std::shared_ptr<const Errand>& login);  ///< one that is tried here
  ServerRecord record() const;
  std::optional<bool> up() const;  ///< none before the first confirmed result

 private:
  /// What one address showed last; survives failed sessions.
  struct Seen {
    std::optional<bool> starttls_advertised;
    std::optional<bool> handshake_success;
    std::optional<TlsFacts> tls;
  };
  void see(const Endpoint& endpoint, const SessionRun& run);
  void count_replies(const SessionRun& run);
  ServerTls tls() const;
  std::optional<bool> auth_success() const;
  std::vector<Finding> findings() const;

  ServerKey key_;
  std::set<const Endpoint*> endpoints_;
  std::map<const Endpoint*, Seen> seen_;
  Seen last_gone_;  // of the address that left last: dates outlive it while the server has no other
  std::vector<std::weak_ptr<const Errand>> logins_;
  std::uint64_t probes_ = 0;
  CauseCounts failures_;
  std::map<Phase, Histogram> phases_;
  std::map<std::tuple<Phase, std::string, std::string>, std::uint64_t> replies_;
};

/// The record of one address of a server.
AddressRecord address_record(const ServerName& server, const Endpoint& endpoint);

}  // namespace mxhealth::watch
