// One list as it is watched: tested for each kind of subject that is asked, believed or not, asked no faster than is
// polite, counted. Who is looked up on it is listing_check's business.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>

#include "dnsbl/list_health.hpp"
#include "model/record.hpp"
#include "net/generation.hpp"
#include "watch/query_rate.hpp"
#include "watch/scheduler.hpp"

namespace mxhealth::watch {

class WatchedList;

struct WatchedListHost {
  virtual ~WatchedListHost() = default;
  /// Whether it is believed has changed, or why it is not.
  virtual void health_changed(const WatchedList&, ListKind) = 0;
  virtual void counted(const WatchedList&) = 0;
};

class WatchedList final : public Scheduler::Job, public std::enable_shared_from_this<WatchedList> {
 public:
  static constexpr Duration kProofLasts = std::chrono::hours(1);   // reliability.md 3.2; or two intervals, if longer
  static constexpr Duration kTestAgain = std::chrono::minutes(5);  // of a list that is not believed
  static constexpr Duration kLeastBetweenTests = std::chrono::seconds(30);

  WatchedList(net::asio::io_context& io, Scheduler& scheduler, WatchedListHost& host);

  /// `list` belongs to the generation's configuration.
  void use(std::shared_ptr<net::Generation> generation, const dnsbl::List& list);

  /// Asked for the first subject of a kind: its test is due at once.
  void need(ListKind);
  /// A proof that is younger than now is wanted, to believe a first sight of a listing.
  void want_proof(ListKind);
  void stop();

  const dnsbl::List& list() const { return *list_; }
  const std::shared_ptr<net::Generation>& generation() const { return generation_; }
  Duration interval() const { return generation_->config().dnsbl.interval; }

  std::optional<dnsbl::Ailment> ailment(ListKind) const;
  std::optional<Mono> proved(ListKind) const;  ///< when the last good round of tests began
  std::optional<Wall> ailing_since(ListKind) const;

  Mono reserve(Mono now) { return rate_.reserve(now); }
  void count(dnsbl::Reading::Kind, ListKind, Wall now);
  void count_late();  ///< a check missed its turn, since the list may not be asked faster
  ListRecord record() const;

 private:
  struct Tests {
    dnsbl::ListHealth health;
    std::optional<Mono> tested;  // when the last round began
    std::optional<Wall> ailing_since;
    bool wanted = false;  // now
  };

  void start() override;
  net::awaitable<void> test();
  net::awaitable<void> test_kind(ListKind kind);
  void take(ListKind, const dnsbl::TestRound&, Mono began);
  void note(const dnsbl::TestRound&, ListKind);
  void told(ListKind, Tests&);
  Duration least_between() const { return std::min<Duration>(kLeastBetweenTests, interval()); }
  Mono next_test(const Tests&) const;
  void plan();

  net::asio::io_context& io_;
  Scheduler& scheduler_;
  WatchedListHost& host_;
  std::shared_ptr<net::Generation> generation_;
  const dnsbl::List* list_ = nullptr;
  std::map<ListKind, Tests> tests_;  // of the kinds that are needed
  QueryRate rate_;
  std::uint64_t lookups_ = 0;
  std::array<std::uint64_t, kListFailures.size()> failures_{};
  std::optional<Wall> last_answer_;
  bool running_ = false;
  bool stopped_ = false;
};

}  // namespace mxhealth::watch
