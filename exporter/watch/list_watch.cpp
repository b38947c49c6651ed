#include "watch/list_watch.hpp"

#include <algorithm>
#include <utility>

#include "dnsbl/query_name.hpp"
#include "dnsbl/registered_domain.hpp"

namespace mxhealth::watch {
namespace {

// Whom a list knows about: some list only what lies directly below a public suffix.
std::optional<Subject> known_as(const dnsbl::List& list, const Subject& subject) {
  const auto* domain = std::get_if<DomainName>(&subject);
  if (domain == nullptr || !list.registered_domains) return subject;
  return dnsbl::registered_domain(*domain);
}

}  // namespace

ListWatch::ListWatch(net::asio::io_context& io, metrics::Own& own, Host& host)
    : io_(io),
      own_(own),
      host_(host),
      checks_(io, kSlots, *this),
      senders_(io, checks_, [this](std::set<Subject> subjects) { set_senders(std::move(subjects)); }) {}

void ListWatch::use(std::shared_ptr<net::Generation> generation) {
  const Duration before = generation_ ? generation_->config().dnsbl.interval : Duration::zero();
  generation_ = std::move(generation);
  sync_lists();
  if (before != Duration::zero() && before != generation_->config().dnsbl.interval)
    for (const auto& [key, check] : listings_) check->interval_changed();
  sync_subjects();
  senders_.use(generation_);
}

void ListWatch::set_targets(std::set<Subject> subjects) {
  if (of_targets_ == subjects) return;
  of_targets_ = std::move(subjects);
  sync_subjects();
}

void ListWatch::set_senders(std::set<Subject> subjects) {
  if (of_senders_ == subjects) return;
  of_senders_ = std::move(subjects);
  sync_subjects();
}

void ListWatch::stop() {
  stopped_ = true;
  senders_.stop();
  for (const auto& [name, list] : lists_) list->stop();
  for (const auto& [key, check] : listings_) check->stop();
  checks_.stop();
}

// --- who is asked where ---

// A list whose facts changed is another list: what was found with the old ones does not hold.
void ListWatch::sync_lists() {
  std::map<std::string, std::shared_ptr<WatchedList>> before = std::exchange(lists_, {});
  bool fresh = false;
  for (const dnsbl::List& list : generation_->config().dnsbl.lists) {
    const auto known = before.find(list.name);
    WatchedListHost& host = *this;
    const bool stays = known != before.end() && known->second->list() == list;
    const auto watched = stays ? known->second : std::make_shared<WatchedList>(io_, checks_, host);
    if (stays) before.erase(known);
    fresh = fresh || !stays;
    watched->use(generation_, list);
    lists_.emplace(list.name, watched);
    dirty_lists_.insert(list.name);
  }
  for (const auto& [name, list] : before) {
    list->stop();
    for (const auto& [subject, source] : subjects_) forget_listing({subject, name});
    gone_.emplace_back(ListKey{name});
  }
  if (!fresh) return;
  for (const auto& [subject, source] : subjects_) look_up(subject, source);
}

// Only what differs is looked at: there may be thousands of subjects, and they come and go with every address.
void ListWatch::sync_subjects() {
  if (!generation_ || stopped_) return;
  Subjects wanted = list_subjects(generation_->config().dnsbl, of_targets_, of_senders_);
  if (lists_.empty()) wanted = {};
  const std::map<Subject, SubjectSource> before = std::exchange(subjects_, std::move(wanted.all));
  for (const auto& [subject, source] : before)
    if (!subjects_.contains(subject)) forget_subject(subject);
  for (const auto& [subject, source] : subjects_) {
    const auto known = before.find(subject);
    if (known == before.end() || known->second != source) look_up(subject, source);
  }
  if (wanted.dropped > told_dropped_)
    own_.series_dropped(metrics::Limit::dnsbl_subjects, wanted.dropped - told_dropped_);
  told_dropped_ = wanted.dropped;
  host_.lists_changed();
}

void ListWatch::forget_subject(const Subject& subject) {
  gone_.emplace_back(SubjectKey{subject});
  for (const auto& [name, list] : lists_) forget_listing({subject, name});
}

// On every list that knows its kind.
void ListWatch::look_up(const Subject& subject, SubjectSource source) {
  dirty_subjects_.insert(subject);
  for (const auto& [name, list] : lists_) {
    if (!list->list().has(kind_of(subject))) continue;
    const auto known = listings_.find({subject, name});
    const auto check = known == listings_.end() ? make_check(subject, list) : known->second;
    if (!check) continue;
    check->set_source(source);
    dirty_listings_.insert(check->key());
  }
}

std::shared_ptr<ListingCheck> ListWatch::make_check(const Subject& subject, const std::shared_ptr<WatchedList>& list) {
  const auto known = known_as(list->list(), subject);
  auto asked = known ? dnsbl::query_name(list->list(), *known) : std::nullopt;
  if (!asked) return nullptr;  // no such name can be in the list
  if (listings_.size() >= kMaxListings) {
    own_.series_dropped(metrics::Limit::dnsbl_listings);
    return nullptr;
  }
  ListingHost& host = *this;
  auto check = std::make_shared<ListingCheck>(subject, *std::move(asked), list, io_, checks_, host);
  listings_.emplace(check->key(), check);
  const ListKind kind = kind_of(subject);
  list->need(kind);
  if (!list->ailment(kind)) check->begin();
  return check;
}

void ListWatch::forget_listing(const ListingKey& key) {
  const auto listing = listings_.find(key);
  if (listing == listings_.end()) return;
  listing->second->stop();
  gone_.emplace_back(key);
  dirty_listings_.erase(key);
  listings_.erase(listing);
}

// --- what came of it ---

void ListWatch::health_changed(const WatchedList& list, ListKind kind) {
  const bool believed = !list.ailment(kind);
  for (const auto& [key, check] : listings_) {
    if (&check->list() != &list || check->kind() != kind) continue;
    if (believed)
      check->begin();
    else
      check->lapse();
    dirty_listings_.insert(key);
  }
  counted(list);
}

void ListWatch::counted(const WatchedList& list) {
  if (const auto known = lists_.find(list.list().name); known == lists_.end() || known->second.get() != &list) return;
  dirty_lists_.insert(list.list().name);
  host_.lists_changed();
}

void ListWatch::listing_changed(const ListingCheck& check) {
  dirty_listings_.insert(check.key());
  host_.lists_changed();
}

void ListWatch::counts(std::size_t in_flight, std::size_t) {
  if (in_flight == 0) host_.lists_idle();
}

void ListWatch::feed(Feed& feed) {
  for (RecordKey& key : std::exchange(gone_, {})) feed.gone.push_back(std::move(key));
  for (const std::string& name : std::exchange(dirty_lists_, {}))
    if (const auto list = lists_.find(name); list != lists_.end())
      feed.changed.emplace_back(std::make_shared<const ListRecord>(list->second->record()));
  for (const Subject& subject : std::exchange(dirty_subjects_, {}))
    if (const auto known = subjects_.find(subject); known != subjects_.end())
      feed.changed.emplace_back(std::make_shared<const SubjectRecord>(SubjectRecord{{subject}, known->second}));
  for (const ListingKey& key : std::exchange(dirty_listings_, {}))
    if (const auto check = listings_.find(key); check != listings_.end())
      feed.changed.emplace_back(std::make_shared<const ListingRecord>(check->second->record()));
}

}  // namespace mxhealth::watch
