#include "report/book.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::report {
namespace {

// What a person wants to see first. Where no verdict is possible comes behind what is known to be broken.
constexpr std::array kWorstFirst{Verdict::unreachable,  Verdict::rejecting, Verdict::tempfail, Verdict::at_risk,
                                 Verdict::undetermined, Verdict::degraded,  Verdict::no_mail,  Verdict::ok};

std::size_t rank(const DomainRecord& record) {
  if (!record.verdict) return kWorstFirst.size();
  return static_cast<std::size_t>(std::ranges::find(kWorstFirst, *record.verdict) - kWorstFirst.begin());
}

// The type of a record's key; `{}` of it is the least one, so that all of a kind are found from there on.
template <class R>
using KeyOf = std::decay_t<decltype(R::key)>;

}  // namespace

void Book::apply(const Feed& feed) {
  for (const Record& record : feed.changed) {
    if (const auto* domain = std::get_if<std::shared_ptr<const DomainRecord>>(&record))
      histories_[(*domain)->key].see(**domain);
    records_.insert_or_assign(key_of(record), record);
  }
  if (transcripts_ == Transcripts::kept)
    for (const SessionNote& note : feed.sessions) journal_.add(note);
  for (const RecordKey& key : feed.gone) {
    records_.erase(key);
    if (const auto* domain = std::get_if<DomainKey>(&key)) histories_.erase(*domain);
    if (const auto* address = std::get_if<AddressKey>(&key)) journal_.forget(*address);
  }
  if (feed.ready) ready_ = *feed.ready;
}

template <class R, class Still>
std::vector<const R*> Book::from(const RecordKey& first, Still still) const {
  std::vector<const R*> found;
  for (auto at = records_.lower_bound(first); at != records_.end(); ++at) {
    const auto* one = std::get_if<std::shared_ptr<const R>>(&at->second);
    if (one == nullptr || !still(**one)) break;
    found.push_back(one->get());
  }
  return found;
}

template <class R>
std::vector<const R*> Book::all() const {
  return from<R>(KeyOf<R>{}, [](const R&) { return true; });
}

// Known by its address alone, which is no key type of its own.
std::vector<const ResolverRecord*> Book::resolvers() const {
  return from<ResolverRecord>(std::string(), [](const ResolverRecord&) { return true; });
}
std::vector<const EgressRecord*> Book::egress() const { return all<EgressRecord>(); }
std::vector<const ListRecord*> Book::lists() const { return all<ListRecord>(); }
std::vector<const PolicyRecord*> Book::policies() const { return all<PolicyRecord>(); }
std::vector<const PtrRecord*> Book::reverse_dns() const { return all<PtrRecord>(); }

template <class R>
const R* Book::find(const RecordKey& key) const {
  const auto at = records_.find(key);
  return at == records_.end() ? nullptr : std::get<std::shared_ptr<const R>>(at->second).get();
}

std::vector<const DomainRecord*> Book::domains_worst_first() const {
  std::vector<const DomainRecord*> domains = all<DomainRecord>();
  std::ranges::stable_sort(domains, {}, [](const DomainRecord* domain) { return rank(*domain); });
  return domains;
}

const std::deque<VerdictChange>& Book::history(const DomainKey& key) const {
  static const std::deque<VerdictChange> kNone;
  const auto found = histories_.find(key);
  return found == histories_.end() ? kNone : found->second.changes();
}

std::optional<TargetView> Book::target(const DomainName& name) const {
  const auto roles =
      from<DomainRecord>(DomainKey{name, Role::mx}, [&](const DomainRecord& one) { return one.key.domain == name; });
  if (roles.empty()) return std::nullopt;
  TargetView view{name, {}, listings_of(name), {}};
  for (const DomainRecord* role : roles) view.roles.push_back(role_view(*role));
  view.policies = from<PolicyRecord>(PolicyKey{name, kPolicies.front()},
                                     [&](const PolicyRecord& one) { return one.key.domain == name; });
  return view;
}

RoleView Book::role_view(const DomainRecord& record) const {
  RoleView view{&record, &history(record.key), {}};
  for (const DomainServer& place : record.servers) {
    const ServerName& server = place.key.server;
    ServerView& shown = view.servers.emplace_back(ServerView{place, find<ServerRecord>(place.key), {}});
    for (const AddressRecord* address : from<AddressRecord>(
             AddressKey{server, {}}, [&](const AddressRecord& one) { return one.key.server == server; }))
      if (address->key.peer.port == place.key.port) shown.addresses.push_back(address_view(*address));
  }
  return view;
}

AddressView Book::address_view(const AddressRecord& record) const {
  const Address& address = record.key.peer.address;
  return {&record, journal_.find(record.key), listings_of(address), find<PtrRecord>(PtrKey{address})};
}

std::vector<const ListingRecord*> Book::listings_of(const Subject& subject) const {
  return from<ListingRecord>(ListingKey{subject, {}},
                             [&](const ListingRecord& one) { return one.key.subject == subject; });
}

std::vector<const ListingRecord*> Book::listings() const {
  std::vector<const ListingRecord*> listed = all<ListingRecord>();
  std::erase_if(listed, [](const ListingRecord* r) { return r->allow_list || r->state != ListingState::listed; });
  std::ranges::stable_sort(listed, std::ranges::greater{}, [this](const ListingRecord* r) {
    return std::pair(source(r->key.subject) == SubjectSource::configured, r->weight);
  });
  return listed;
}

SubjectSource Book::source(const Subject& subject) const {
  const auto* record = find<SubjectRecord>(SubjectKey{subject});
  return record == nullptr ? SubjectSource::target : record->source;
}

}  // namespace mxhealth::report
