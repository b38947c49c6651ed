// What is known, looked up: the latest record of everything that feeds told of, the sessions kept, the verdicts of the
// last day. Pages, JSON and `mxhealthctl check` all read from here. Pure: neither sockets nor clock. Pointers that it
// gives are good until the next apply().
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "model/record.hpp"
#include "report/history.hpp"
#include "report/journal.hpp"

namespace mxhealth::report {

/// Whether what was said in sessions is kept for people.
enum class Transcripts : std::uint8_t { kept, not_kept };

struct AddressView {
  const AddressRecord* record = nullptr;
  const KeptSessions* sessions = nullptr;  ///< null: none kept
  std::vector<const ListingRecord*> listings;
  const PtrRecord* reverse = nullptr;  ///< null: not looked up
};

struct ServerView {
  DomainServer place;
  const ServerRecord* record = nullptr;  ///< null: not probed yet
  std::vector<AddressView> addresses;
};

struct RoleView {
  const DomainRecord* record = nullptr;
  const std::deque<VerdictChange>* history = nullptr;  ///< never null
  std::vector<ServerView> servers;                     ///< in the record's order
};

/// All that is known of one target.
struct TargetView {
  DomainName name;
  std::vector<RoleView> roles;
  std::vector<const ListingRecord*> listings;  ///< of the name itself
  std::vector<const PolicyRecord*> policies;
};

class Book {
 public:
  explicit Book(Transcripts transcripts = Transcripts::kept) : transcripts_(transcripts) {}

  void apply(const Feed& feed);

  bool ready() const { return ready_; }
  Transcripts transcripts() const { return transcripts_; }

  /// Worst verdict first, then by name; those without a verdict last.
  std::vector<const DomainRecord*> domains_worst_first() const;
  const std::deque<VerdictChange>& history(const DomainKey& key) const;
  /// Nothing: no such target.
  std::optional<TargetView> target(const DomainName& name) const;

  std::vector<const ResolverRecord*> resolvers() const;
  std::vector<const EgressRecord*> egress() const;
  std::vector<const ListRecord*> lists() const;
  std::vector<const PolicyRecord*> policies() const;  ///< of all domains
  std::vector<const PtrRecord*> reverse_dns() const;
  /// Who is listed on a blocklist: configured subjects first, then the heaviest, then by name.
  std::vector<const ListingRecord*> listings() const;
  SubjectSource source(const Subject&) const;

 private:
  using Records = std::map<RecordKey, Record>;

  template <class R>
  std::vector<const R*> all() const;
  /// From `first` on, as long as `still` holds of a record of this kind.
  template <class R, class Still>
  std::vector<const R*> from(const RecordKey& first, Still still) const;
  template <class R>
  const R* find(const RecordKey& key) const;
  std::vector<const ListingRecord*> listings_of(const Subject& subject) const;
  RoleView role_view(const DomainRecord& record) const;
  AddressView address_view(const AddressRecord& record) const;

  Transcripts transcripts_;
  Records records_;  // ordered by kind, then by key: what belongs together lies side by side
  Journal journal_;
  std::map<DomainKey, History> histories_;
  bool ready_ = false;
};

}  // namespace mxhealth::report
