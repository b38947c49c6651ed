#include "watch/listing_check.hpp"

#include <boost/asio/co_spawn.hpp>

#include "log/event.hpp"
#include "net/clock.hpp"

namespace mxhealth::watch {
namespace {

using net::now;

// What a list that is not believed means for everybody who is asked about on it.
ListingState state_of(dnsbl::Ailment ailment) {
  switch (ailment) {
    case dnsbl::Ailment::untested:
    case dnsbl::Ailment::no_answer: return ListingState::unknown;
    case dnsbl::Ailment::refused: return ListingState::refused;
    case dnsbl::Ailment::lists_nothing:
    case dnsbl::Ailment::lists_all:
    case dnsbl::Ailment::hijacked:
    case dnsbl::Ailment::unknown_code: return ListingState::unhealthy;
  }
  return ListingState::unknown;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::optional<unsigned> trust(const dnsbl::Reading& reading) {
  constexpr unsigned kHigh = 3;
  const unsigned last = reading.answers.empty() ? kHigh + 1 : reading.answers.front().bytes()[3];
  return last <= kHigh ? std::optional(last) : std::nullopt;
}

}  // namespace

ListingCheck::ListingCheck(Subject subject, Name asked, std::shared_ptr<WatchedList> list, net::asio::io_context& io,
                           Scheduler& scheduler, ListingHost& host)
    : subject_(std::move(subject)),
      asked_(std::move(asked)),
      list_(std::move(list)),
      io_(io),
      scheduler_(scheduler),
      host_(host) {}

std::size_t ListingCheck::hash() const { return std::hash<Name>{}(asked_); }

// A check under way plans the next one itself: two at a time would pass for a first sight and its second check.
void ListingCheck::begin() {
  if (running_) return;
  const Duration within = std::min<Duration>(kFirstWithin, list_->interval());
  scheduler_.schedule(*this, now() + stable_phase(hash(), within), Urgency::routine);
}

// Answers of the time when the list went wrong may still be in our resolver's cache when it is well again: they must
// not pass for the second check. What counted before is kept, and counts again when it is heard again.
void ListingCheck::lapse() {
  first_seen_.reset();
  reserved_.reset();
  listing_.take({}, {}, list_->interval(), false, std::chrono::system_clock::now());
}

// A second check keeps its date.
void ListingCheck::interval_changed() {
  if (!first_seen_ && !list_->ailment(kind())) begin();
}

void ListingCheck::stop() {
  stopped_ = true;
  scheduler_.cancel(*this);
}

void ListingCheck::start() {
  running_ = true;
  boost::asio::co_spawn(io_.get_executor(), check(), [self = shared_from_this()](const std::exception_ptr& bug) {
    self->running_ = false;
    self->scheduler_.finished();
    if (bug) std::rethrow_exception(bug);
  });
}

// A list that is not believed is not asked; begin() comes when it is again.
net::awaitable<void> ListingCheck::check() {
  if (stopped_ || list_->ailment(kind()) || is_put_off(now())) co_return;
  const std::shared_ptr<net::Generation> generation = list_->generation();
  co_await ask(generation);
}

// By the list's rate, or since a listing's begin or end waits for a proof that the list is still in its senses.
bool ListingCheck::is_put_off(Mono at) {
  const Urgency urgency = first_seen_ ? Urgency::confirmation : Urgency::routine;
  if (first_seen_ && list_->proved(kind()) < first_seen_) return is_waiting_for_proof(at);
  if (!reserved_) reserved_ = list_->reserve(at);
  if (*reserved_ <= at) {
    reserved_.reset();
    return false;
  }
  if (*reserved_ - at > list_->interval()) list_->count_late();
  scheduler_.schedule(*this, *reserved_, urgency);
  return true;
}

// Not for ever: while no test comes through, what was clean before must not go on saying so.
bool ListingCheck::is_waiting_for_proof(Mono at) {
  if (at - *first_seen_ > 2 * list_->interval()) {
    lapse();
    host_.listing_changed(*this);
    return false;
  }
  list_->want_proof(kind());
  scheduler_.schedule(*this, at + kProofSoon, Urgency::confirmation);
  return true;
}

// Half an interval at most from our cache, so that nothing we tell is older than an interval and a half.
net::awaitable<void> ListingCheck::ask(std::shared_ptr<net::Generation> generation) {
  const dnsbl::List& list = list_->list();
  const Duration max_age = first_seen_ ? Duration::zero() : list_->interval() / 2;
  Name asked = asked_;
  const probes::ListingAnswer answer =
      co_await probes::look_up_listing(generation->resolver(), list, std::move(asked), max_age);
  if (stopped_) co_return;
  const ListingState before = record().state;
  const bool was_listed = listing_.is_settled_listed();
  const bool ask_reason = take(answer);
  if (ask_reason) {
    Name again = asked_;
    reason_ = co_await probes::look_up_reason(generation->resolver(), list, std::move(again));
    if (stopped_) co_return;
  }
  if (record().state != before || ask_reason) tell(was_listed);
  host_.listing_changed(*this);
}

bool ListingCheck::take(const probes::ListingAnswer& answer) {
  list_->count(answer.reading.kind, kind(), std::chrono::system_clock::now());
  const bool believed = !list_->ailment(kind());
  const Mono at = now();
  if (believed && ends_unproved(answer.reading)) {
    first_seen_ = at;
    list_->want_proof(kind());
    const Duration after = std::min<Duration>(list_->interval(), std::max(answer.ttl, dnsbl::kLeastSecondCheck));
    scheduler_.schedule(*this, at + after, Urgency::confirmation);
    return false;
  }
  const auto next =
      listing_.take(answer.reading, answer.ttl, list_->interval(), believed, std::chrono::system_clock::now());
  if (next.past_cache && !first_seen_) {
    first_seen_ = at;
    list_->want_proof(kind());
  }
  if (!next.past_cache) first_seen_.reset();
  if (!listing_.is_settled_listed()) reason_.clear();
  if (!believed) return false;
  const Mono due =
      next.past_cache ? at + next.after : next_at_phase(at, list_->interval(), stable_phase(hash(), list_->interval()));
  scheduler_.schedule(*this, due, next.past_cache ? Urgency::confirmation : Urgency::routine);
  return next.ask_reason;
}

// A list that has died clears everybody: the end of a listing is asked for again after a proof.
bool ListingCheck::ends_unproved(const dnsbl::Reading& reading) const {
  return reading.kind == dnsbl::Reading::Kind::clean && listing_.is_settled_listed() && !first_seen_;
}

void ListingCheck::tell(bool was_listed) const {
  const ListingRecord is = record();
  const bool matters = source_ == SubjectSource::configured && !is.allow_list;
  if (is.state == ListingState::listed)
    log::event(matters ? log::Level::warn : log::Level::info, is.allow_list ? "vouched_for" : "listed",
               {{"subject", to_string(subject_)},
                {"list", is.key.list},
                {"codes", joined(is.codes)},
                {"meaning", joined(is.meanings)},
                {"reason", is.reason},
                {"weight", is.weight},
                {"delisting", is.delisting}});
  else if (was_listed && is.state == ListingState::clean)
    log::event(log::Level::info, is.allow_list ? "not_vouched_for" : "delisted",
               {{"subject", to_string(subject_)}, {"list", is.key.list}});
}

ListingRecord ListingCheck::record() const {
  const dnsbl::List& list = list_->list();
  ListingRecord record;
  record.key = key();
  record.allow_list = list.allow_list;
  record.delisting = list.delisting;
  const auto ailment = list_->ailment(kind());
  record.state = ailment ? state_of(*ailment) : listing_.state();
  record.since = ailment ? list_->ailing_since(kind()) : listing_.since();
  const dnsbl::Reading* listed = ailment ? nullptr : listing_.listed_as();
  if (listed == nullptr) return record;
  for (const Address& answer : listed->answers) record.codes.push_back(answer.to_string());
  record.meanings = listed->meanings;
  record.weight = weight(*listed);
  if (list.allow_list) record.trust = trust(*listed);
  record.reason = reason_;
  return record;
}

}  // namespace mxhealth::watch
