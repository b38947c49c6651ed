// Keeps watch on blocklists and allow-lists: who is looked up where, and what publishing is told of it.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "metrics/own.hpp"
#include "watch/list_subjects.hpp"
#include "watch/listing_check.hpp"
#include "watch/senders.hpp"

namespace mxhealth::watch {

class ListWatch final : private WatchedListHost, private ListingHost, private Scheduler::Watcher {
 public:
  static constexpr Scheduler::Slots kSlots{.all = 3000, .reserved = 200};  // lookups at once; the resolver takes 4096
  static constexpr std::size_t kMaxListings = 100'000;                     // subjects on lists, for each 7 series

  struct Host {
    virtual ~Host() = default;
    virtual void lists_changed() = 0;  ///< there is something to feed
    virtual void lists_idle() = 0;     ///< no lookup is under way any more
  };

  ListWatch(net::asio::io_context& io, metrics::Own& own, Host& host);

  void use(std::shared_ptr<net::Generation> generation);
  /// Names and addresses of the targets, all of them.
  void set_targets(std::set<Subject> subjects);
  void stop();
  std::size_t in_flight() const { return checks_.in_flight(); }
  std::size_t listings() const { return listings_.size(); }

  /// Adds the records that changed since the last call, and those that are gone.
  void feed(Feed& feed);

 private:
  void health_changed(const WatchedList& list, ListKind kind) override;
  void counted(const WatchedList& list) override;
  void listing_changed(const ListingCheck& check) override;
  void started(Duration) override {}
  void counts(std::size_t in_flight, std::size_t queued) override;

  void set_senders(std::set<Subject> subjects);
  void sync_lists();
  void sync_subjects();
  void forget_subject(const Subject& subject);
  void look_up(const Subject& subject, SubjectSource source);
  void forget_listing(const ListingKey& key);
  std::shared_ptr<ListingCheck> make_check(const Subject& subject, const std::shared_ptr<WatchedList>& list);

  net::asio::io_context& io_;
  metrics::Own& own_;
  Host& host_;
  Scheduler checks_;
  std::shared_ptr<net::Generation> generation_;
  std::set<Subject> of_targets_;
  std::set<Subject> of_senders_;
  std::map<Subject, SubjectSource> subjects_;
  Senders senders_;
  std::map<std::string, std::shared_ptr<WatchedList>> lists_;     // further owners: tests and checks under way
  std::map<ListingKey, std::shared_ptr<ListingCheck>> listings_;  // further owners: checks under way
  std::set<std::string> dirty_lists_;
  std::set<Subject> dirty_subjects_;
  std::set<ListingKey> dirty_listings_;
  std::vector<RecordKey> gone_;
  std::size_t told_dropped_ = 0;
  bool stopped_ = false;
};

}  // namespace mxhealth::watch
