// One TCP peer that is probed at its own pace for everybody who wants it: at most one session at a time, confirmed
// before it counts. Keeps the latest confirmed run; what it means to a domain is judged elsewhere.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "diagnosis/confirm.hpp"
#include "diagnosis/egress.hpp"
#include "model/session_run.hpp"
#include "model/time.hpp"
#include "net/generation.hpp"
#include "probes/session.hpp"
#include "watch/errand.hpp"
#include "watch/oldest_tls.hpp"
#include "watch/roster.hpp"
#include "watch/scheduler.hpp"

namespace mxhealth::watch {

class Endpoint;

/// Told of each session, on the probing loop.
struct EndpointWatcher {
  virtual ~EndpointWatcher() = default;
  virtual void connected(const Endpoint&) = 0;  ///< as soon as it is so
  /// Told before an attempt counts; answers how a failure that a blocked egress can make is to be taken. `since`: when
  /// the attempt began, or where it is not the first of a row, when the one before it ended.
  virtual diagnosis::Blame dialled(Endpoint&, const SessionRun&, const std::optional<CauseFound>& cause,
                                   Mono since) = 0;
  /// `names`: whom this attempt counts for. `cause`: as endpoint metrics see it, whatever the targets' policies.
  virtual void attempted(const Endpoint&, const std::shared_ptr<const SessionRun>&,
                         const std::optional<CauseFound>& cause, const std::vector<ServerName>& names) = 0;
  virtual void session_took(Duration) = 0;
  virtual void state_changed(const Endpoint&) = 0;  ///< without an attempt
  /// What a session on behalf of `names` could do behind EHLO.
  virtual std::vector<std::shared_ptr<Errand>> errands_due(const Endpoint&, const std::vector<ServerName>& names) {
    static_cast<void>(names);
    return {};
  }
  virtual bool wants_oldest_tls(const Endpoint&) { return false; }
  virtual void oldest_tls_known(const Endpoint&) {}
};

class Endpoint final : public Scheduler::Job, public std::enable_shared_from_this<Endpoint> {
 public:
  static constexpr std::size_t kMaxOwnSni = 8;  // names of one address that get a session of their own per interval

  Endpoint(EndpointKey key, net::asio::io_context& io, Scheduler& scheduler, EndpointWatcher& watcher);

  /// Who wants this endpoint, and how often. An endpoint nobody wants any more starts no further session.
  void want(const DomainName& by, const ServerName& server, Duration interval, bool try_tls);
  void release(const DomainName& by, const ServerName& server);
  bool wanted() const { return !users_.empty() || canary_.has_value(); }

  /// Probed as a canary: with slots of its own, under this name unless a target names it too.
  void serve_as_canary(const ServerName& server, Duration interval);
  void leave_canary();
  bool for_targets() const { return !users_.empty(); }

  void use(std::shared_ptr<net::Generation> generation);
  void begin(Mono first_due);  ///< the first session's date; later ones follow by themselves
  void hurry(Mono due);        ///< the next session is to begin at that time, if not earlier
  void drain();
  bool running() const { return session_ != nullptr; }

  const EndpointKey& key() const { return key_; }
  std::vector<ServerName> names() const;  ///< sorted, unique
  std::set<DomainName> users() const;
  bool is_for(const ServerName& server) const;
  TlsPolicy policy() const { return key_.implicit_tls ? TlsPolicy::implicit : TlsPolicy::opportunistic; }

  /// The run that counts for `server`; null: none yet, or the state is unknown for a reason of ours.
  const SessionRun* confirmed(const ServerName& server) const;
  /// The same, kept while the state is unknown: gauges keep their last value.
  const SessionRun* last_known(const ServerName& server) const;
  const SessionRun* latest() const { return latest_.get(); }
  std::optional<Wall> since() const { return since_; }  ///< of the state
  /// Why the state is unknown, where it is.
  const std::optional<CauseFound>& unknown() const { return unknown_; }
  bool is_down() const;  ///< by a confirmed failure
  /// Certificates met here against TLSA records; `names` as DaneJudge has them.
  tls::DaneJudgement dane(const ChainFacts* chain, const TlsaFacts& tlsa, const std::vector<Name>& names) const;
  /// The oldest version of TLS accepted here, as far as it was looked for.
  std::optional<TlsVersion> oldest_tls() const { return oldest_tls_.found(); }
  Mono last_started() const { return last_started_; }  ///< of the sessions; long ago before the first

  /// What was held against this address is settled: it counts, or it was our egress.
  void egress_proved();
  void egress_lost();

 private:
  struct User {
    Duration interval;
    bool try_tls;
  };
  struct Canary {
    ServerName server;
    Duration interval;
  };
  /// A failure that nobody can tell from a failure of our own egress yet.
  struct Held {
    std::shared_ptr<const SessionRun> run;
    CauseFound cause;
    Mono ended;
  };

  void start() override;
  net::awaitable<void> probe();
  net::awaitable<void> probe_own_sni();
  net::awaitable<void> probe_oldest_tls();
  /// Where one version of TLS alone is offered, no errands ride along.
  net::awaitable<std::shared_ptr<const SessionRun>> session(net::SessionsUnderWay::Question asked);
  net::SessionsUnderWay::Question question(std::vector<ServerName> names) const;
  net::awaitable<std::shared_ptr<const SessionRun>> join(const net::SessionsUnderWay::Question& asked);
  std::vector<std::shared_ptr<Errand>> errands_due(const net::SessionsUnderWay::Question& asked);
  void break_off();
  bool left() const { return drained_ || !wanted(); }
  net::SessionsUnderWay::Key place_key() const { return {key_.peer, key_.implicit_tls}; }
  TlsPolicy asked_policy() const;
  probes::SessionPlan plan(const net::SessionsUnderWay::Question& asked) const;
  // These answer when to look again, where that is before the next routine session.
  std::optional<Mono> take_in(std::shared_ptr<const SessionRun> run, Mono began);
  std::optional<Mono> count(std::shared_ptr<const SessionRun> run, const std::optional<CauseFound>& cause, Mono ended);
  std::optional<Mono> take_in_as_canary(std::shared_ptr<const SessionRun> run, Mono began);
  std::optional<Mono> hold(std::shared_ptr<const SessionRun> run, CauseFound cause);
  void count_held();
  void accept(std::shared_ptr<const SessionRun> run);
  diagnosis::ConfirmSettings confirm_settings() const;
  Duration interval() const;
  Mono next_routine(Mono started) const;
  void schedule(Mono due, Urgency urgency);

  EndpointKey key_;
  net::asio::io_context& io_;
  Scheduler& scheduler_;
  EndpointWatcher& watcher_;
  std::shared_ptr<net::Generation> generation_;
  std::map<std::pair<ServerName, DomainName>, User> users_;
  diagnosis::Confirmation confirmation_;
  std::unique_ptr<probes::Session> session_;
  std::shared_ptr<net::SessionsUnderWay::Entry> waiting_for_;  // somebody else's session with our address
  std::shared_ptr<const SessionRun> confirmed_;
  std::shared_ptr<const SessionRun> latest_;
  std::map<ServerName, std::shared_ptr<const SessionRun>> own_sni_;
  OldestTls oldest_tls_;
  std::vector<Held> held_;         // few: between looks the wait grows to the interval, and doubt lasts two
  std::optional<Mono> row_since_;  // a row of failures that may be our egress: its begin, then the last one's end
  std::optional<CauseFound> unknown_;
  std::optional<Canary> canary_;
  std::optional<Wall> since_;
  std::optional<Mono> due_;    // of the next session, while none is under way
  std::optional<Mono> hurry_;  // asked for while one was
  Mono last_started_{};
  Mono stale_at_ = Mono::max();  // a session missed for lack of a slot: what was known is no longer
  bool errand_again_ = false;    // some errand wants a second look
  bool drained_ = false;
};

}  // namespace mxhealth::watch
