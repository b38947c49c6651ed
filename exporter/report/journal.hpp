// The sessions that are kept for people to read: of each address the latest few, and failures longest, since they are
// what somebody asks about in the morning. A failure that repeats keeps its first and its latest session and a count.
// How much is kept is bounded per address and in all. Pure; what it holds belongs to the publishing loop.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "model/record.hpp"

namespace mxhealth::report {

inline constexpr std::size_t kKeptSessions = 3;               // the latest of one address, however they ended
inline constexpr std::size_t kKeptFailures = 5;               // rows of failures of one address
inline constexpr std::size_t kKeptOctets = 64 * 1024 * 1024;  // of all sessions together

struct KeptSession {
  std::shared_ptr<const SessionRun> run;
  std::optional<CauseFound> cause;
  Wall ended{};
};

/// The same cause, several times without anything else in between.
struct FailureRow {
  KeptSession first;
  KeptSession latest;  ///< the same as `first` while there is but one
  std::uint64_t count = 1;
};

struct KeptSessions {
  std::deque<KeptSession> latest;   // the newest last
  std::deque<FailureRow> failures;  // the newest last
};

class Journal {
 public:
  explicit Journal(std::size_t octets = kKeptOctets) : limit_(octets) {}

  void add(const SessionNote& note);
  void forget(const AddressKey& key);
  const KeptSessions* find(const AddressKey& key) const;  ///< null: none
  std::size_t octets() const { return octets_; }

 private:
  struct Held {
    std::size_t uses = 0;
    std::size_t octets = 0;
  };

  void add_failure(KeptSessions& kept, const KeptSession& session);
  void hold(const KeptSession& session);
  void drop(const KeptSession& session);
  void drop(const FailureRow& row);
  void make_room();

  std::size_t limit_;
  std::size_t octets_ = 0;
  std::map<AddressKey, KeptSessions> kept_;
  std::unordered_map<const SessionRun*, Held> held_;  // names that share an address share its sessions
};

/// About what a session takes in memory.
std::size_t octets_of(const SessionRun& run);

}  // namespace mxhealth::report
