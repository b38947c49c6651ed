// One subject on one list: asked once per interval while the list is believed, a second time when a listing shows up or
// goes away. What answers amount to is dnsbl/listing's business; the list's own state lies over it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dnsbl/listing.hpp"
#include "probes/listing.hpp"
#include "watch/watched_list.hpp"

namespace mxhealth::watch {

class ListingCheck;

struct ListingHost {
  virtual ~ListingHost() = default;
  virtual void listing_changed(const ListingCheck&) = 0;
};

class ListingCheck final : public Scheduler::Job, public std::enable_shared_from_this<ListingCheck> {
 public:
  static constexpr Duration kFirstWithin = std::chrono::seconds(10);
  static constexpr Duration kProofSoon = std::chrono::seconds(2);  // how often a second check looks for its proof

  /// `asked`: the query name, which may hold a key.
  ListingCheck(Subject subject, Name asked, std::shared_ptr<WatchedList> list, net::asio::io_context& io,
               Scheduler& scheduler, ListingHost& host);

  void set_source(SubjectSource source) { source_ = source; }
  void begin();  ///< the list is believed: ask soon
  void lapse();  ///< the list is not believed any more: what was seen but did not count yet never will
  void interval_changed();
  void stop();

  ListingKey key() const { return {subject_, list_->list().name}; }
  const WatchedList& list() const { return *list_; }
  ListKind kind() const { return kind_of(subject_); }
  ListingRecord record() const;

 private:
  void start() override;
  net::awaitable<void> check();
  net::awaitable<void> ask(std::shared_ptr<net::Generation> generation);
  bool is_put_off(Mono at);
  bool is_waiting_for_proof(Mono at);
  bool take(const probes::ListingAnswer& answer);
  bool ends_unproved(const dnsbl::Reading& reading) const;
  void tell(bool was_listed) const;
  std::size_t hash() const;
  double weight(const dnsbl::Reading& reading) const {
    return source_ == SubjectSource::target ? reading.weight_without_policy : reading.weight;
  }

  Subject subject_;
  Name asked_;
  std::shared_ptr<WatchedList> list_;
  net::asio::io_context& io_;
  Scheduler& scheduler_;
  ListingHost& host_;
  SubjectSource source_ = SubjectSource::target;
  dnsbl::Listing listing_;
  std::string reason_;
  std::optional<Mono> first_seen_;  // of a listing's begin or end, which needs its second check
  std::optional<Mono> reserved_;    // its place among the list's questions
  bool running_ = false;
  bool stopped_ = false;
};

}  // namespace mxhealth::watch
