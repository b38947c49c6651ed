#include "watch/visit.hpp"

#include <algorithm>
#include <utility>

#include "diagnosis/cause_of.hpp"
#include "metrics/sheet.hpp"

namespace mxhealth::watch {
namespace {

/// What the exporter says of itself, its resolvers and lists belongs to nobody's target.
bool is_of_the_target(const Record& record) {
  return std::holds_alternative<std::shared_ptr<const DomainRecord>>(record) ||
         std::holds_alternative<std::shared_ptr<const ServerRecord>>(record) ||
         std::holds_alternative<std::shared_ptr<const AddressRecord>>(record) ||
         std::holds_alternative<std::shared_ptr<const PolicyRecord>>(record) ||
         std::holds_alternative<std::shared_ptr<const PtrRecord>>(record);
}

}  // namespace

Visit::Visit(std::shared_ptr<net::Generation> elder, config::Target target, Asker asker, std::function<void()> settled)
    : target_(std::move(target)),
      settled_(std::move(settled)),
      engine_(
          elder->loop(), own_, [this](Feed feed) { take(std::move(feed)); }, Pace::at_once) {
  config::Config config = alone(elder->config(), target_, asker);
  engine_.use(std::make_shared<net::Generation>(std::move(config), *elder), kMaxSessions);
}

void Visit::take(Feed feed) {
  for (Record& record : feed.changed) {
    const RecordKey key = key_of(record);
    if (is_of_the_target(record)) records_.insert_or_assign(key, std::move(record));
  }
  for (const RecordKey& key : feed.gone) records_.erase(key);
  if (settled_ && engine_.settled()) std::exchange(settled_, nullptr)();
}

std::vector<DomainKey> Visit::roles() const {
  std::vector<DomainKey> roles;
  for (const config::Walk& walk : target_.walks) roles.push_back({target_.name, walk.role});
  return roles;
}

VisitResult Visit::result() const {
  VisitResult result{.target = target_.name,
                     .records = {},
                     .cut_short = false,
                     .took = std::chrono::steady_clock::now() - began_,
                     .lookups_took = engine_.lookups_took()};
  std::map<RecordKey, Record> records = records_;
  for (const DomainKey& key : roles()) {
    const auto known = records.find(key);
    DomainRecord record;
    if (known != records.end()) record = *std::get<std::shared_ptr<const DomainRecord>>(known->second);
    if (record.verdict) continue;
    result.cut_short = true;
    record.key = key;
    record.is_server_target = target_.kind == config::Target::Kind::server;
    record.verdict = Verdict::undetermined;
    record.cause = diagnosis::found(Cause::probe_deadline);
    records.insert_or_assign(key, std::make_shared<const DomainRecord>(std::move(record)));
  }
  for (auto& [key, record] : records) result.records.push_back(std::move(record));
  return result;
}

std::size_t Visit::asked() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      records_, [](const auto& entry) { return std::holds_alternative<AddressKey>(entry.first); }));
}

void Visit::end(std::function<void()> gone) {
  settled_ = nullptr;
  engine_.drain(std::move(gone));
}

}  // namespace mxhealth::watch
