// Finds out which lines of a record are new, changed or gone. Rows run in the same order every time, so old and new
// lines are compared side by side, and only where they differ does one look further.
#include "metrics/sheet.hpp"

#include <map>
#include <vector>

#include "metrics/family.hpp"
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

struct LineRef {
  std::uint32_t family = 0;
  LineId line = 0;
};
using Entry = std::vector<LineRef>;  // a record's lines in the order of the catalogue

/// domain_info belongs to the domain, not to a role's record: it stays until the last role is gone.
struct InfoEntry {
  unsigned roles = 0;
  Entry lines;
};

unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }

}  // namespace

class Sheet::Body {
 public:
  Body() {
    for (const Metric& metric : catalogue()) families_.emplace_back(metric);
  }

  void operator()(const std::shared_ptr<const DomainRecord>& r) {
    lines_.clear();
    render(domain_table(), 0, *r);
    render(set_table(), kSet, *r);
    merge(entries_[r->key]);
    lines_.clear();
    render(domain_info_table(), kInfo, *r);
    InfoEntry& info = infos_[r->key.domain];
    info.roles |= bit(r->key.role);
    merge(info.lines);
  }
  void operator()(const std::shared_ptr<const ServerRecord>& r) { replace(server_table(), kServer, *r, r->key); }
  void operator()(const std::shared_ptr<const AddressRecord>& r) { replace(address_table(), kAddress, *r, r->key); }
  void operator()(const std::shared_ptr<const ResolverRecord>& r) {
    replace(resolver_table(), kResolver, *r, r->resolver);
  }
  void operator()(const std::shared_ptr<const EgressRecord>& r) { replace(egress_table(), kEgress, *r, r->key); }
  void operator()(const std::shared_ptr<const ListingRecord>& r) { replace(listing_table(), kListing, *r, r->key); }
  void operator()(const std::shared_ptr<const SubjectRecord>& r) { replace(subject_table(), kSubject, *r, r->key); }
  void operator()(const std::shared_ptr<const ListRecord>& r) { replace(list_table(), kList, *r, r->key); }
  void operator()(const std::shared_ptr<const PolicyRecord>& r) { replace(policy_table(), kPolicy, *r, r->key); }
  void operator()(const std::shared_ptr<const PtrRecord>& r) { replace(ptr_table(), kPtr, *r, r->key); }

  void forget(const RecordKey& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    remove(found->second, 0, found->second.size());
    entries_.erase(found);
    if (const auto* domain = std::get_if<DomainKey>(&key)) forget_info(*domain);
  }

  void finish() {
    for (Family& family : families_) family.finish();
  }

  Pages pages(Format format) const {
    Pages pages;
    for (const Family& family : families_) family.append_to(pages, format);
    return pages;
  }

  std::size_t series() const {
    std::size_t sum = 0;
    for (const Family& family : families_) sum += family.size();
    return sum;
  }

 private:
  // Where each table's families begin in the catalogue.
  const std::size_t kSet = domain_table().rows.size();
  const std::size_t kInfo = kSet + set_table().rows.size();
  const std::size_t kServer = kInfo + domain_info_table().rows.size();
  const std::size_t kAddress = kServer + server_table().rows.size();
  const std::size_t kResolver = kAddress + address_table().rows.size();
  const std::size_t kEgress = kResolver + resolver_table().rows.size();
  const std::size_t kListing = kEgress + egress_table().rows.size();
  const std::size_t kSubject = kListing + listing_table().rows.size();
  const std::size_t kList = kSubject + subject_table().rows.size();
  const std::size_t kPolicy = kList + list_table().rows.size();
  const std::size_t kPtr = kPolicy + policy_table().rows.size();

  template <class Record>
  void render(const Table<Record>& table, std::size_t first_family, const Record& record) {
    table.labels(record, lines_);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      lines_.start(static_cast<std::uint32_t>(first_family + i), table.rows[i].metric.name);
      table.rows[i].lines(record, lines_);
    }
  }

  template <class Record>
  void replace(const Table<Record>& table, std::size_t first_family, const Record& record, const RecordKey& key) {
    lines_.clear();
    render(table, first_family, record);
    merge(entries_[key]);
  }

  /// Makes the sheet's lines for `entry` those of lines_.
  void merge(Entry& entry) {
    Entry next;
    next.reserve(lines_.samples().size());
    std::size_t old = 0;  // the first old line that nothing new was compared with yet
    for (const Lines::Sample& sample : lines_.samples()) {
      const std::string_view series = lines_.series(sample);
      const std::size_t match = find(entry, old, sample.family, series);
      if (match < entry.size()) {
        remove(entry, old, match);
        families_[sample.family].set(entry[match].line, sample.value);
        next.push_back(entry[match]);
        old = match + 1;
      } else {
        next.push_back({sample.family, families_[sample.family].add(series, sample.value, sample.continues)});
      }
    }
    remove(entry, old, entry.size());
    entry = std::move(next);
  }

  /// The place of a series in the rest of an entry, or its end. Lines of later families need no look.
  std::size_t find(const Entry& entry, std::size_t from, std::uint32_t family, std::string_view series) const {
    for (std::size_t i = from; i < entry.size() && entry[i].family <= family; ++i) {
      if (entry[i].family == family && families_[family].series(entry[i].line) == series) return i;
    }
    return entry.size();
  }

  void remove(const Entry& entry, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) families_[entry[i].family].remove(entry[i].line);
  }

  void forget_info(const DomainKey& key) {
    const auto found = infos_.find(key.domain);
    if (found == infos_.end()) return;
    found->second.roles &= ~bit(key.role);
    if (found->second.roles != 0) return;
    remove(found->second.lines, 0, found->second.lines.size());
    infos_.erase(found);
  }

  std::vector<Family> families_;
  std::map<RecordKey, Entry> entries_;
  std::map<DomainName, InfoEntry> infos_;
  Lines lines_;
};

Sheet::Sheet() : body_(std::make_unique<Body>()) {}
Sheet::~Sheet() = default;

void Sheet::apply(const Feed& feed) {
  for (const Record& record : feed.changed) std::visit(*body_, record);
  for (const RecordKey& key : feed.gone) body_->forget(key);
  body_->finish();
}

Pages Sheet::pages(Format format) const { return body_->pages(format); }
std::size_t Sheet::series() const { return body_->series(); }

}  // namespace mxhealth::metrics
