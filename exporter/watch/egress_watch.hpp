// Keeps watch on our own egress: collects what attempts show for each port and address family, has the canaries
// dialled, asks them at once when a failure is in doubt, and tells endpoints when it is settled. What the evidence
// amounts to is diagnosis/egress.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>

#include "diagnosis/egress.hpp"
#include "model/record.hpp"
#include "watch/canary.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {

/// What it needs of the house around it.
struct EgressHost {
  virtual ~EgressHost() = default;
  /// The endpoint of an address, made where there is none yet.
  virtual Endpoint& canary_endpoint(const EndpointKey&, const ServerName&, Duration interval) = 0;
  virtual void leave_canary(const EndpointKey&) = 0;
  virtual std::vector<Endpoint*> targets_behind(const EgressKey&) = 0;
  virtual void egress_changed() = 0;
};

class EgressWatch final : private CanaryHost {
 public:
  static constexpr Duration kAskEvery = std::chrono::seconds(5);    // of a canary whose word is wanted at once
  static constexpr Duration kBackWithin = std::chrono::seconds(5);  // once egress is back, everybody is looked at again

  EgressWatch(net::asio::io_context& io, Scheduler& lookups, EgressHost& host);

  void use(std::shared_ptr<net::Generation> generation);
  void stop();

  void connected(const Endpoint&);
  diagnosis::Blame dialled(Endpoint&, const SessionRun&, const std::optional<CauseFound>& cause, Mono since);
  void forget(Endpoint&);  ///< nobody wants it any more

  /// Adds the records that changed since the last call, and those that are gone.
  void feed(Feed&);
  std::size_t canaries() const { return canaries_.size(); }

 private:
  /// One port over one family.
  struct Door {
    diagnosis::Egress egress;
    std::map<Endpoint*, Mono> waiting;  // with a failure that is held, and since when it has been in doubt
    std::set<Endpoint*> blocked;        // unknown while egress is down
    std::optional<EgressRecord> fed;
  };

  void canary_looked_up(const Canary&) override;
  void sync_endpoints();
  void sync_canaries();
  void judge(const EgressKey& key, Door& door);
  void release_proved(Door& door);
  void close(const EgressKey& key, Door& door);
  void bring_back(Door& door);
  void ask_canaries(const EgressKey& key);
  void look_again(const Door& door);
  bool is_implicit_tls(std::uint16_t port) const;
  Duration window() const { return 2 * generation_->config().global.interval; }
  EgressRecord record(const EgressKey& key, const Door& door) const;

  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

  net::asio::io_context& io_;
  Scheduler& lookups_;
  EgressHost& host_;
  Timer timer_;
  Mono look_at_ = Mono::max();  // when the timer goes off
  std::shared_ptr<net::Generation> generation_;
  std::map<config::Canary, std::shared_ptr<Canary>> canaries_;  // their other owner is a lookup under way
  std::map<EndpointKey, Endpoint*> dialled_;                    // the endpoints of the canaries
  std::map<EgressKey, Door> doors_;
};

}  // namespace mxhealth::watch
