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
#include "watch/transport.hpp"

namespace mxhealth::watch {

class Endpoint;

class ServerLedger {
 public:
  static constexpr Duration kTlsaFor = std::chrono::hours(1);  // told by one domain, they outlive another's "none"

  explicit ServerLedger(ServerKey key);

  void add(const Endpoint& endpoint) { endpoints_.insert(&endpoint); }
  void remove(const Endpoint& endpoint);
  bool has_endpoints() const { return !endpoints_.empty(); }

  void count(const Endpoint& endpoint, const SessionRun& run, const std::optional<CauseFound>& cause);
  void observe_dns(Duration took);
  void note(const std::shared_ptr<const Errand>& login);                  ///< one that is tried here
  void take(const DomainName& by, const Transport& transport, Mono now);  ///< what a domain's policies say
  void forget(const DomainName& by);
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
  /// What the TLSA records and the certificates of all addresses amount to.
  struct Dane {
    std::optional<DaneState> state;
    std::vector<bool> matched;  // by some address
  };
  Dane dane() const;
  void add_transport(ServerTls& all) const;
  void add_oldest_version(ServerTls& all) const;
  void add_version_findings(std::set<Finding>& all) const;
  void add_certificate_findings(std::set<Finding>& all) const;
  void add_tlsa_findings(std::set<Finding>& all) const;
  std::optional<bool> certificates_differ() const;
  ServerTls tls() const;
  std::optional<bool> auth_success() const;
  std::vector<Finding> findings() const;

  ServerKey key_;
  std::set<const Endpoint*> endpoints_;
  std::map<const Endpoint*, Seen> seen_;
  Seen last_gone_;           // of the address that left last: dates outlive it while the server has no other
  Transport transport_;      // TLSA records, as some domain that trusts them sees them
  DomainName transport_by_;  // which one; the root: none
  Mono transport_at_{};
  std::map<DomainName, bool> sts_covered_;  // by whose enforced policy
  std::vector<std::weak_ptr<const Errand>> logins_;
  std::uint64_t probes_ = 0;
  CauseCounts failures_;
  std::map<Phase, Histogram> phases_;
  std::map<std::tuple<Phase, std::string, std::string>, std::uint64_t> replies_;
};

/// The record of one address of a server.
AddressRecord address_record(const ServerName& server, const Endpoint& endpoint);

}  // namespace mxhealth::watch
