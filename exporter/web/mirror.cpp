#include "web/mirror.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::web {
namespace {

// What a person wants to see first. Where no verdict is possible comes behind what is known to be broken.
constexpr std::array kWorstFirst{Verdict::unreachable,  Verdict::rejecting, Verdict::tempfail, Verdict::at_risk,
                                 Verdict::undetermined, Verdict::degraded,  Verdict::no_mail,  Verdict::ok};

std::size_t rank(const DomainRecord& record) {
  if (!record.verdict) return kWorstFirst.size();
  return static_cast<std::size_t>(std::find(kWorstFirst.begin(), kWorstFirst.end(), *record.verdict) -
                                  kWorstFirst.begin());
}

}  // namespace

void Mirror::apply(const Feed& feed) {
  for (const Record& record : feed.changed) records_.insert_or_assign(metrics::key_of(record), record);
  for (const RecordKey& key : feed.gone) records_.erase(key);
  if (feed.ready) ready_ = *feed.ready;
  sheet_.apply(feed);
}

std::vector<const DomainRecord*> Mirror::domains_worst_first() const {
  std::vector<const DomainRecord*> domains = all<DomainRecord>();
  std::stable_sort(domains.begin(), domains.end(),
                   [](const DomainRecord* a, const DomainRecord* b) { return rank(*a) < rank(*b); });
  return domains;
}

std::vector<const ListRecord*> Mirror::lists() const { return all<ListRecord>(); }

std::vector<const ListingRecord*> Mirror::listings() const {
  std::vector<const ListingRecord*> listed = all<ListingRecord>();
  std::erase_if(listed, [](const ListingRecord* r) { return r->allow_list || r->state != ListingState::listed; });
  std::ranges::stable_sort(listed, std::ranges::greater{}, [this](const ListingRecord* r) {
    return std::pair(source(r->key.subject) == SubjectSource::configured, r->weight);
  });
  return listed;
}

SubjectSource Mirror::source(const Subject& subject) const {
  const auto found = records_.find(SubjectKey{subject});
  const auto* record =
      found == records_.end() ? nullptr : std::get_if<std::shared_ptr<const SubjectRecord>>(&found->second);
  return record == nullptr ? SubjectSource::target : (*record)->source;
}

}  // namespace mxhealth::web
