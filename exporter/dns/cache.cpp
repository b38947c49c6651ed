#include "dns/cache.hpp"

#include <algorithm>
#include <utility>

namespace mxhealth::dns {
namespace {

constexpr std::size_t kEntryOverhead = 200;  // list and hash nodes, about

bool may_be_kept(const Answer& answer) {
  if (answer.continues_at || !is_answer(answer.end)) return false;
  return answer.end == LookupEnd::records || answer.ttl.count() > 0;
}

}  // namespace

Cache::Hit Cache::find(const Question& question, Mono now, Duration max_age) {
  const auto at = index_.find(question);
  if (at == index_.end()) return {};
  const auto entry = at->second;
  if (entry->expires <= now) {
    drop(entry);
    return {};
  }
  if (now - entry->heard >= max_age) return {};
  entries_.splice(entries_.begin(), entries_, entry);
  return {entry->answer, std::chrono::ceil<std::chrono::seconds>(entry->expires - now)};
}

void Cache::keep(const Question& question, std::shared_ptr<const Answer> answer, Mono now) {
  if (const auto old = index_.find(question); old != index_.end()) drop(old->second);
  if (!may_be_kept(*answer)) return;
  const auto ttl = std::min(std::max(answer->ttl, bounds_.min_ttl), bounds_.max_ttl);
  const std::size_t size = kEntryOverhead + 2 * question.name.view().size() + dns::octets(*answer);
  entries_.push_front(Entry{question, std::move(answer), now, now + ttl, size});
  index_.emplace(question, entries_.begin());
  octets_ += size;
  while (!entries_.empty() && (entries_.size() > bounds_.entries || octets_ > bounds_.octets)) {
    drop(std::prev(entries_.end()));
  }
}

void Cache::drop_if(const std::function<bool(const Answer&)>& unwanted) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (unwanted(*entry->answer)) drop(entry);
    entry = next;
  }
}

void Cache::drop(Entries::iterator entry) {
  octets_ -= entry->octets;
  index_.erase(entry->question);
  entries_.erase(entry);
}

}  // namespace mxhealth::dns
