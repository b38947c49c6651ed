// One target: looks up its hosts once per interval at its stable phase, asks for the sessions they need, judges, counts
// the cycle. A target's failure is data; nothing here throws for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "net/generation.hpp"
#include "watch/role_watch.hpp"
#include "watch/scheduler.hpp"

namespace mxhealth::watch {

class DomainWatch;

/// What a target needs of the house around it.
struct DomainHost {
  virtual ~DomainHost() = default;
  virtual void want(const Wish&, const DomainName& by, Duration interval, bool try_tls) = 0;
  virtual void release(const Wish&, const DomainName& by) = 0;
  virtual const Endpoint* find(const EndpointKey&) const = 0;
  virtual ResolverHealth resolver_health(Mono now) = 0;
  virtual void host_looked_up(const ServerKey&, Duration took) = 0;
  virtual void transport_known(const ServerKey&, const DomainName& by, const Transport&) = 0;
  virtual void changed(const DomainWatch&, Role) = 0;
  virtual void verdict_changed(const DomainRecord&) = 0;  ///< or its cause
  virtual void cycle_took(Duration) = 0;
  virtual void dropped(std::size_t servers, std::size_t addresses) = 0;
};

class DomainWatch final : public Scheduler::Job, public std::enable_shared_from_this<DomainWatch> {
 public:
  static constexpr Duration kVanishedFor = std::chrono::minutes(10);  // series of what left DNS live on this long

  DomainWatch(net::asio::io_context& io, Scheduler& scheduler, DomainHost& host);

  /// The first configuration, or a new one: roles that stay keep their counters.
  void use(std::shared_ptr<net::Generation> generation, const config::Target& target);
  void begin(Mono first_due);
  void stop();   // nothing is started any more, and what is under way is not counted
  void leave();  // stops and releases everything
  void endpoint_changed();
  void take(const std::optional<MtaSts>& policy);  ///< what senders hold of the domain

  const config::Target& target() const { return target_; }
  std::vector<std::shared_ptr<Errand>> errands_due(const EndpointKey& key, const std::vector<ServerName>& names,
                                                   Mono now) const;
  bool wants_oldest_tls(const EndpointKey& key) const;
  DomainRecord record(Role role) const;
  std::vector<Role> roles() const;
  bool has_results() const;  ///< a verdict for every role
  std::set<ServerKey> servers() const;
  std::set<Name> mail_hosts() const;  ///< of role mx, as last looked up

 private:
  void start() override;
  net::awaitable<void> cycle();
  net::awaitable<bool> look_up(RoleWatch& role);
  net::awaitable<bool> look_up_hosts(RoleWatch& role);
  net::awaitable<bool> look_up_tlsa(RoleWatch& role);
  void tell_transports();
  void sync_wishes(Mono now);
  void judge(RoleWatch& role);
  bool wants_tls(const Wish& wish) const;
  bool is_configured(const Wish& wish) const;
  void release_if(const std::function<bool(const Wish&)>& unwanted);
  std::vector<Family> families() const;

  net::asio::io_context& io_;
  Scheduler& scheduler_;
  DomainHost& host_;
  std::shared_ptr<net::Generation> generation_;
  config::Target target_;
  std::map<Role, std::shared_ptr<RoleWatch>> roles_;  // their other owner is a cycle under way
  std::map<Wish, Mono> wishes_;                       // and when each was last asked for
  Mono next_cycle_{};
  std::optional<Mono> begin_anew_;  // asked for while a cycle was under way
  bool running_ = false;
  bool left_ = false;
};

}  // namespace mxhealth::watch
