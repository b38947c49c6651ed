// The probing side as a whole: targets, endpoints and ledgers of one loop, and the feed that tells publishing what
// changed. Everything here lives on the probing loop; nothing is shared.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "metrics/own.hpp"
#include "model/record.hpp"
#include "net/generation.hpp"
#include "watch/domain_watch.hpp"
#include "watch/egress_watch.hpp"
#include "watch/endpoint.hpp"
#include "watch/family_routes.hpp"
#include "watch/list_watch.hpp"
#include "watch/policy_watch.hpp"
#include "watch/scheduler.hpp"
#include "watch/server_ledger.hpp"

namespace mxhealth::watch {

/// How an engine goes about its work.
enum class Pace : std::uint8_t {
  steady,   ///< the exporter's: at stable phases, for ever
  at_once,  ///< a look at one target: nothing waits for its turn, nothing is logged
};

class Engine final : private DomainHost,
                     private EndpointWatcher,
                     private EgressHost,
                     private ListWatch::Host,
                     private PolicyWatch::Host {
 public:
  static constexpr Duration kFeedEvery = std::chrono::milliseconds(100);
  static constexpr Duration kReadyAfter = std::chrono::seconds(45);  // ready even if some target has no result yet
  static constexpr Duration kFirstWithin = std::chrono::seconds(10);
  static constexpr Duration kSubjectsEvery = std::chrono::seconds(2);

  /// `publish` is called on the probing loop with each batch.
  Engine(net::Loop& loop, metrics::Own& own, std::function<void(Feed)> publish, Pace pace = Pace::steady);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The first configuration, or a new one: targets that stay keep their counters, those that go lose their series.
  void use(std::shared_ptr<net::Generation> generation, std::size_t in_flight);

  /// Every role has a verdict, and every address has been asked.
  bool settled() const;
  bool policies_looked_at() const { return policies_.all_looked_at(); }
  Duration lookups_took() const { return lookups_took_; }  ///< of targets, all cycles together

  /// Starts nothing more and ends what runs; `done` is called once no session is left.
  void drain(std::function<void()> done);

 private:
  struct SmtpSlots final : Scheduler::Watcher {
    explicit SmtpSlots(Engine& e) : engine(e) {}
    void started(Duration lag) override;
    void counts(std::size_t in_flight, std::size_t queued) override;
    Engine& engine;
  };
  struct LookupSlots final : Scheduler::Watcher {
    explicit LookupSlots(Engine& e) : engine(e) {}
    void started(Duration) override {}
    void counts(std::size_t, std::size_t) override { engine.slot_is_free(); }
    Engine& engine;
  };

  void want(const Wish& wish, const DomainName& by, Duration interval, bool try_tls) override;
  void release(const Wish& wish, const DomainName& by) override;
  const Endpoint* find(const EndpointKey& key) const override;
  ResolverHealth resolver_health(Mono now) override;
  void host_looked_up(const ServerKey& server, Duration took) override;
  void transport_known(const ServerKey& server, const DomainName& by, const Transport& transport) override;
  void changed(const DomainWatch& domain, Role role) override;
  void verdict_changed(const DomainRecord& record) override;
  void cycle_took(Duration took) override;
  void dropped(std::size_t servers, std::size_t addresses) override;
  void attempted(const Endpoint& endpoint, const std::shared_ptr<const SessionRun>& run,
                 const std::optional<CauseFound>& cause, const std::vector<ServerName>& names) override;
  void session_took(Duration took) override;
  std::vector<std::shared_ptr<Errand>> errands_due(const Endpoint& endpoint,
                                                   const std::vector<ServerName>& names) override;
  bool wants_oldest_tls(const Endpoint& endpoint) override;
  void oldest_tls_known(const Endpoint& endpoint) override;
  void connected(const Endpoint& endpoint) override;
  diagnosis::Blame dialled(Endpoint& endpoint, const SessionRun& run, const std::optional<CauseFound>& cause,
                           Mono since) override;
  Endpoint& canary_endpoint(const EndpointKey& key, const ServerName& server, Duration interval) override;
  void leave_canary(const EndpointKey& key) override;
  std::vector<Endpoint*> targets_behind(const EgressKey& key) override;
  void state_changed(const Endpoint& endpoint) override;
  void egress_changed() override { feed_soon(); }
  void lists_changed() override { feed_soon(); }
  void lists_idle() override { tell_drained(); }
  void policies_changed() override { feed_soon(); }
  void policies_idle() override { tell_drained(); }
  void policy_known(const PolicyRecord& record) override;
  Name announced_name(const Address& address) const override;

  void add_or_change(const config::Target& target);
  void remove(const DomainName& name);
  void forget(const DomainKey& key);
  void forget_resolvers();
  void stop_resolvers();
  ServerLedger& ledger(const ServerKey& key);
  void prune_servers();
  void judge_users(const Endpoint& endpoint);
  std::shared_ptr<Endpoint> make_endpoint(const EndpointKey& key);
  void erase_endpoint(const EndpointKey& key);
  void note_route(const Peer& peer, bool has_one);
  void slot_is_free();
  void tell_drained();
  void feed_soon();
  void feed();
  std::optional<bool> readiness();
  std::set<Subject> list_subjects() const;
  std::map<Address, PtrSource> probed_addresses() const;
  void tell_subjects();
  Mono first_due(std::size_t hash, Duration interval) const;

  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

  net::Loop& loop_;
  metrics::Own& own_;
  std::function<void(Feed)> publish_;
  Pace pace_;
  std::function<void()> drained_;
  SmtpSlots smtp_slots_{*this};
  LookupSlots lookup_slots_{*this};
  Scheduler sessions_;
  Scheduler lookups_;
  std::shared_ptr<net::Generation> generation_;
  std::vector<std::weak_ptr<net::Generation>> generations_;  // this one, and older ones that something still runs under
  EgressWatch egress_;
  ListWatch lists_;
  PolicyWatch policies_;
  std::map<EndpointKey, std::shared_ptr<Endpoint>> endpoints_;
  std::map<ServerKey, ServerLedger> servers_;
  std::map<DomainName, std::shared_ptr<DomainWatch>> domains_;

  Timer feed_timer_;
  Timer ready_timer_;
  bool feed_armed_ = false;
  bool stopped_ = false;  // by drain(): nothing is told any more
  bool ready_ = false;
  bool ready_anyway_ = false;
  bool servers_released_ = false;
  bool subjects_changed_ = false;  // whom lists, and reverse DNS, are asked about
  Mono subjects_due_{};
  Duration lookups_took_{};
  FamilyRoutes routes_;
  std::set<DomainKey> dirty_domains_;
  std::set<ServerKey> dirty_servers_;
  std::set<std::pair<ServerName, EndpointKey>> dirty_addresses_;
  std::vector<RecordKey> gone_;
  std::vector<SessionNote> sessions_ended_;
  std::map<std::string, std::uint64_t> resolver_lookups_;  // as last fed
};

}  // namespace mxhealth::watch
