#include "net/sessions_under_way.hpp"

#include <algorithm>
#include <utility>

namespace mxhealth::net {

bool SessionsUnderWay::Question::answers(const Question& other) const {
  if (tls != other.tls || only != other.only || !std::ranges::includes(names, other.names)) return false;
  return !other.by_own_name || names.front() == other.names.front();
}

SessionsUnderWay::Entry::Entry(asio::io_context& io, Question asked)
    : question(std::move(asked)), over(io.get_executor()) {
  over.expires_at(std::chrono::steady_clock::time_point::max());
}

std::shared_ptr<SessionsUnderWay::Entry> SessionsUnderWay::find(const Key& key) const {
  const auto found = entries_->find(key);
  return found == entries_->end() ? nullptr : found->second;
}

SessionsUnderWay::Place::Place(SessionsUnderWay& all, Key key, Question question)
    : all_(all.entries_), key_(key), entry_(std::make_shared<Entry>(all.io_, std::move(question))) {
  all.entries_->insert_or_assign(key_, entry_);
}

void SessionsUnderWay::Place::end(std::shared_ptr<const SessionRun> run) {
  if (std::exchange(entry_->ended, true)) return;
  entry_->run = std::move(run);
  const auto all = all_.lock();
  if (!all) return;  // the loop is gone, and with it whoever waited
  all->erase(key_);
  entry_->over.cancel();
}

}  // namespace mxhealth::net
