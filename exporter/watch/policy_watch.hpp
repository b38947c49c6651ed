// Looks at what domains publish about their mail, and at the reverse DNS of addresses, once per interval each. What was
// known stays while lookups fail, and a policy that was good counts as broken or gone after a second look. A domain's
// first look waits for its mail hosts, and a changed set brings the next.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "model/record.hpp"
#include "net/generation.hpp"
#include "watch/scheduler.hpp"

namespace mxhealth::watch {

class PolicyWatch final : private Scheduler::Watcher {
 public:
  static constexpr Scheduler::Slots kSlots{.all = 50, .reserved = 5};  // looks at once
  static constexpr Duration kFirstWithin = std::chrono::seconds(10);   // also where mail hosts stay unknown
  static constexpr Duration kAgain = std::chrono::minutes(5);          // after a look that taught nothing
  static constexpr Duration kSecondLook = std::chrono::minutes(2);     // after one that may have met a restart
  static constexpr std::size_t kMaxAddresses = 20'000;                 // whose reverse DNS is looked at

  struct Host {
    virtual ~Host() = default;
    virtual void policies_changed() = 0;  ///< there is something to feed
    virtual void policies_idle() = 0;     ///< no look is under way any more
    /// What a look taught, also where it is what was known.
    virtual void policy_known(const PolicyRecord&) = 0;
    /// The name that a host says it has, in its greeting; empty: none that is known.
    virtual Name announced_name(const Address&) const = 0;
  };

  /// `at_once`: somebody waits for the first looks.
  PolicyWatch(net::asio::io_context& io, Host& host, bool at_once = false);
  ~PolicyWatch() override;

  /// Targets that are domains are looked at; those that stay keep what is known of them.
  void use(std::shared_ptr<net::Generation> generation);
  /// The mail hosts of a target once they have been looked up, and whenever they may have changed.
  void set_mail_hosts(const DomainName& domain, const std::set<Name>& hosts);
  /// Addresses that are probed, all of them; those that the configuration names come on top.
  void set_addresses(std::map<Address, PtrSource> addresses);
  void stop();
  std::size_t in_flight() const { return looks_.in_flight(); }
  /// Every policy of every domain, and every address, has been looked at, with success or not.
  bool all_looked_at() const;

  /// Adds the records that changed since the last call, and those that are gone.
  void feed(Feed& feed);

 private:
  class Look;
  class OfDomain;
  class OfAddress;
  void started(Duration) override {}
  void counts(std::size_t in_flight, std::size_t queued) override;
  void sync_domains();
  void sync_addresses();

  net::asio::io_context& io_;
  Host& host_;
  const bool at_once_;
  Scheduler looks_;
  std::shared_ptr<net::Generation> generation_;
  std::map<DomainName, std::shared_ptr<OfDomain>> domains_;  // a look under way is their other owner
  std::map<Address, std::shared_ptr<OfAddress>> addresses_;  // likewise
  std::map<Address, PtrSource> probed_;
  std::set<PolicyKey> dirty_policies_;
  std::set<Address> dirty_addresses_;
  std::vector<RecordKey> gone_;
  bool stopped_ = false;
};

}  // namespace mxhealth::watch
