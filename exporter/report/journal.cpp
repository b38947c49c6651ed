#include "report/journal.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "model/session_run.hpp"

namespace mxhealth::report {
namespace {

constexpr std::size_t kPerSession = 512;  // map nodes, vectors and the like

/// What could be let go of: successes before failures, then the oldest.
struct Candidate {
  bool failure = false;  // a row of failures, rather than one of the latest sessions
  bool failed = false;
  Wall ended{};
  const AddressKey* key = nullptr;
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tuple(a.failure, a.failed, a.ended) < std::tuple(b.failure, b.failed, b.ended);
  }
};

std::vector<Candidate> candidates(const std::map<AddressKey, KeptSessions>& kept) {
  std::vector<Candidate> all;
  for (const auto& [key, sessions] : kept) {
    for (const KeptSession& one : sessions.latest) all.push_back({false, one.cause.has_value(), one.ended, &key});
    for (const FailureRow& row : sessions.failures) all.push_back({true, true, row.latest.ended, &key});
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

void Journal::add(const SessionNote& note) {
  if (!note.run) return;
  const KeptSession session{note.run, note.cause, note.ended};
  KeptSessions& kept = kept_[note.key];
  if (session.cause) add_failure(kept, session);
  hold(session);
  kept.latest.push_back(session);
  if (kept.latest.size() > kKeptSessions) {
    drop(kept.latest.front());
    kept.latest.pop_front();
  }
  if (octets_ > limit_) make_room();
}

// Called before the session is one of the latest: what is last there came right before it.
void Journal::add_failure(KeptSessions& kept, const KeptSession& session) {
  const bool again = !kept.failures.empty() && !kept.latest.empty() && kept.latest.back().cause == session.cause &&
                     kept.failures.back().latest.cause == session.cause;
  hold(session);
  if (again) {
    FailureRow& row = kept.failures.back();
    if (row.count > 1) drop(row.latest);
    row.latest = session;
    ++row.count;
    return;
  }
  kept.failures.push_back({session, session, 1});
  if (kept.failures.size() <= kKeptFailures) return;
  drop(kept.failures.front());
  kept.failures.pop_front();
}

void Journal::forget(const AddressKey& key) {
  const auto found = kept_.find(key);
  if (found == kept_.end()) return;
  for (const KeptSession& session : found->second.latest) drop(session);
  for (const FailureRow& row : found->second.failures) drop(row);
  kept_.erase(found);
}

const KeptSessions* Journal::find(const AddressKey& key) const {
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : &found->second;
}

void Journal::hold(const KeptSession& session) {
  Held& held = held_[session.run.get()];
  if (held.uses++ > 0) return;
  held.octets = octets_of(*session.run);
  octets_ += held.octets;
}

void Journal::drop(const KeptSession& session) {
  const auto found = held_.find(session.run.get());
  if (--found->second.uses > 0) return;
  octets_ -= found->second.octets;
  held_.erase(found);
}

void Journal::drop(const FailureRow& row) {
  drop(row.first);
  if (row.count > 1) drop(row.latest);
}

// More than needed goes at once, so that not every further session pays for looking through all of them.
void Journal::make_room() {
  const std::size_t enough = limit_ - limit_ / 10;
  for (const Candidate& one : candidates(kept_)) {
    if (octets_ <= enough) break;
    KeptSessions& kept = kept_.at(*one.key);
    if (one.failure) {
      drop(kept.failures.front());
      kept.failures.pop_front();
      continue;
    }
    const auto at = std::ranges::find_if(kept.latest, [&](const KeptSession& session) {
      return session.ended == one.ended && session.cause.has_value() == one.failed;
    });
    if (at == kept.latest.end()) continue;
    drop(*at);
    kept.latest.erase(at);
  }
  std::erase_if(kept_, [](const auto& entry) { return entry.second.latest.empty() && entry.second.failures.empty(); });
}

std::size_t octets_of(const SessionRun& run) {
  std::size_t sum = sizeof run + kPerSession + run.tls_error.size();
  for (const TranscriptLine& line : run.transcript.lines()) sum += sizeof line + line.text.size();
  for (const ReplyFact& reply : run.replies) sum += sizeof reply + reply.text.size();
  for (const EnvelopeRun& envelope : run.envelopes) sum += sizeof envelope;
  return sum;
}

}  // namespace mxhealth::report
