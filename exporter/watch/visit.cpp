#include "watch/visit.hpp"

#include <algorithm>
#include <utility>

#include "diagnosis/cause_of.hpp"

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
      policies_late_(elder->loop().io.get_executor()),
      engine_(
          elder->loop(), own_, [this](Feed fed) { take(std::move(fed)); }, Pace::at_once) {
  config::Config config = alone(elder->config(), target_, asker);
  engine_.use(std::make_shared<net::Generation>(std::move(config), *elder), kMaxSessions);
}

void Visit::take(Feed fed) {
  for (Record& record : fed.changed) {
    const RecordKey key = key_of(record);
    if (is_of_the_target(record)) records_.insert_or_assign(key, std::move(record));
  }
  for (const RecordKey& key : fed.gone) records_.erase(key);
  for (SessionNote& session : fed.sessions)
    if (sessions_.size() < kMaxKeptSessions) sessions_.push_back(std::move(session));
  if (settled_ && engine_.settled()) settle();
}

// Policies may be served by hosts that do not answer: what mail itself needs to know does not wait long for them.
void Visit::settle() {
  const auto tell = [this] {
    policies_late_.cancel();
    if (settled_) std::exchange(settled_, nullptr)();
  };
  if (engine_.policies_looked_at()) return tell();
  if (std::exchange(waiting_for_policies_, true)) return;
  policies_late_.expires_after(kPolicyWait);
  policies_late_.async_wait([tell](const boost::system::error_code& error) {
    if (!error) tell();
  });
}

std::vector<DomainKey> Visit::roles() const {
  std::vector<DomainKey> roles;
  for (const config::Walk& walk : target_.walks) roles.push_back({target_.name, walk.role});
  return roles;
}

VisitResult Visit::result() const {
  VisitResult result{.target = target_.name,
                     .feed = {},
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
  result.feed.sessions = sessions_;
  for (auto& [key, record] : records) result.feed.changed.push_back(std::move(record));
  return result;
}

std::size_t Visit::asked() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      records_, [](const auto& entry) { return std::holds_alternative<AddressKey>(entry.first); }));
}

void Visit::end(std::function<void()> gone) {
  settled_ = nullptr;
  policies_late_.cancel();
  engine_.drain(std::move(gone));
}

}  // namespace mxhealth::watch
