// Longer than other files: looks at domains and looks at addresses, and the rhythm that they share.
#include "watch/policy_watch.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "config/network_addresses.hpp"
#include "log/event.hpp"
#include "net/clock.hpp"
#include "probes/policies.hpp"
#include "probes/ptr.hpp"

namespace mxhealth::watch {
namespace {

using net::now;
Wall today() { return std::chrono::system_clock::now(); }

/// What publishing is told; `facts` taught something. True: it is not what was known.
bool take_in(PolicyRecord& record, PolicyFacts facts) {
  record.trouble.clear();
  const bool first = !record.last_check;
  record.last_check = today();
  const bool changed = facts.text != record.facts.text || facts.present != record.facts.present;
  // The certificate that was seen last, while there is a policy host to have one.
  if (!facts.not_after && facts.present) facts.not_after = record.facts.not_after;
  record.facts = std::move(facts);
  if (first || !changed) return false;
  ++record.changes;
  record.last_change = record.last_check;
  return true;
}

}  // namespace

/// A look that comes again and again, one at a time.
class PolicyWatch::Look : public Scheduler::Job, public std::enable_shared_from_this<Look> {
 public:
  explicit Look(PolicyWatch& watch) : watch_(watch) {}

  void use(std::shared_ptr<net::Generation> generation) { generation_ = std::move(generation); }
  void begin(Mono due) {
    if (running_)
      again_ = due;
    else
      watch_.looks_.schedule(*this, due, Urgency::routine);
  }
  void stop() {
    stopped_ = true;
    fetches_.stop();  // lookups end with their resolver
    watch_.looks_.cancel(*this);
  }
  bool looked() const { return looked_; }

 protected:
  enum class Result : std::uint8_t {
    complete,  ///< it taught everything that it could
    failed,    ///< some lookup did
    doubtful,  ///< what it showed must be seen twice
  };
  virtual net::awaitable<Result> look() = 0;
  virtual std::size_t hash() const = 0;

  PolicyWatch& watch_;
  std::shared_ptr<net::Generation> generation_;
  net::HttpsStop fetches_;
  bool stopped_ = false;

 private:
  void start() override {
    running_ = true;
    boost::asio::co_spawn(watch_.io_.get_executor(), run(), [self = shared_from_this()](const std::exception_ptr& bug) {
      self->watch_.looks_.finished();
      if (bug) std::rethrow_exception(bug);
    });
  }

  net::awaitable<void> run() {
    const Result result = co_await look();
    running_ = false;
    if (stopped_) co_return;
    looked_ = true;
    const Duration interval = generation_->config().policies.interval;
    Mono next = now() + std::min<Duration>(result == Result::doubtful ? kSecondLook : kAgain, interval);
    if (result == Result::complete) next = next_at_phase(now(), interval, stable_phase(hash(), interval));
    if (const auto wanted = std::exchange(again_, std::nullopt)) next = std::min(next, *wanted);
    watch_.looks_.schedule(*this, next, Urgency::routine);
    watch_.host_.policies_changed();
  }

  bool running_ = false;
  bool looked_ = false;
  std::optional<Mono> again_;  // asked for while one was under way
};

class PolicyWatch::OfDomain final : public Look {
 public:
  OfDomain(DomainName domain, PolicyWatch& watch) : Look(watch), domain_(std::move(domain)) {}

  /// True: what is to be looked at, or how often, is new.
  bool use(std::shared_ptr<net::Generation> generation, const config::Target& target) {
    const bool same_pace =
        generation_ && generation_->config().policies.interval == generation->config().policies.interval;
    // Who sends for the domains of others is not ours to say.
    auto sending = target.own ? generation->config().dnsbl.addresses : std::vector<config::Network>{};
    const bool same = same_pace && selectors_ == target.dkim_selectors && sending_ == sending;
    selectors_ = target.dkim_selectors;
    sending_ = std::move(sending);
    Look::use(std::move(generation));
    return !same;
  }

  void set_mail_hosts(std::vector<Name> hosts) {
    if (std::exchange(knows_hosts_, true) && hosts == hosts_) return;
    hosts_ = std::move(hosts);
    begin(now());
  }

  const PolicyRecord* record(Policy policy) const {
    const auto found = records_.find(policy);
    return found == records_.end() ? nullptr : &found->second;
  }
  const std::map<Policy, PolicyRecord>& records() const { return records_; }

 private:
  net::awaitable<Result> look() override {
    const std::shared_ptr<net::Generation> generation = generation_;
    probes::PolicyTools tools{generation->resolver(), generation->tools(), generation->config()};
    tools.stop = &fetches_;
    Result result = Result::complete;
    for (const probes::PolicyProbe& probe : probes::policy_probes()) {
      const probes::PolicySubject subject = about(probe.policy);
      tools.max_age = in_doubt_.contains(probe.policy) ? Duration::zero() : Duration::max();
      PolicyFacts facts = co_await probe.look_up(tools, subject);
      if (stopped_) co_return Result::failed;
      result = std::max(result, take(probe.policy, std::move(facts)));
    }
    co_return result;
  }

  probes::PolicySubject about(Policy policy) const {
    probes::PolicySubject subject{
        .domain = domain_, .mx = hosts_, .dkim_selectors = selectors_, .sending = sending_, .last_mta_sts = {}};
    if (const PolicyRecord* known = record(policy)) subject.last_mta_sts = known->facts.mta_sts;
    return subject;
  }

  Result take(Policy policy, PolicyFacts facts) {
    const PolicyKey key{domain_, policy};
    PolicyRecord& record = records_.try_emplace(policy, PolicyRecord{.key = key}).first->second;
    facts.notes = in_order(std::move(facts.notes));
    watch_.dirty_policies_.insert(key);
    if (!facts.looked_up) {
      record.trouble = std::move(facts.notes);
      record.facts.mta_sts = std::move(facts.mta_sts);  // senders forget, too
      if (record.last_check) watch_.host_.policy_known(record);
      return Result::failed;
    }
    // A web server that restarts, a zone that is half published: once is no news.
    const bool worse = is_valid(record.facts) == true && is_valid(facts) != true;
    if (!worse)
      in_doubt_.erase(policy);
    else if (in_doubt_.insert(policy).second)
      return Result::doubtful;
    if (take_in(record, std::move(facts)))
      log::event(log::Level::info, "policy_changed",
                 {{"domain", domain_.str()}, {"policy", label(policy)}, {"mode", record.facts.mode}});
    watch_.host_.policy_known(record);
    return Result::complete;
  }

  std::size_t hash() const override { return std::hash<Name>{}(domain_); }

  DomainName domain_;
  std::vector<Name> hosts_;
  bool knows_hosts_ = false;
  std::vector<std::string> selectors_;
  std::vector<config::Network> sending_;
  std::map<Policy, PolicyRecord> records_;
  std::set<Policy> in_doubt_;  // good so far, and worse at the last look
};

class PolicyWatch::OfAddress final : public Look {
 public:
  OfAddress(const Address& address, PtrSource source, PolicyWatch& watch)
      : Look(watch), record_{.key = {address}, .source = source} {}

  void set_source(PtrSource source) {
    if (std::exchange(record_.source, source) != source) watch_.dirty_addresses_.insert(record_.key.address);
  }
  const PtrRecord& record() const { return record_; }

 private:
  net::awaitable<Result> look() override {
    const std::shared_ptr<net::Generation> generation = generation_;
    const Address address = record_.key.address;
    std::optional<Name> announced;
    if (const Name name = watch_.host_.announced_name(address); !name.is_root()) announced = name;
    PtrFacts facts = co_await probes::look_up_ptr(generation->resolver(), address, announced);
    if (stopped_) co_return Result::failed;
    facts.notes = in_order(std::move(facts.notes));
    const bool learnt = facts.looked_up;
    if (learnt) record_.valid = facts.forward_confirmed;
    if (learnt || !record_.valid) record_.facts = std::move(facts);
    watch_.dirty_addresses_.insert(address);
    co_return learnt ? Result::complete : Result::failed;
  }

  std::size_t hash() const override { return std::hash<Address>{}(record_.key.address); }

  PtrRecord record_;
};

PolicyWatch::PolicyWatch(net::asio::io_context& io, Host& host, bool at_once)
    : io_(io), host_(host), at_once_(at_once), looks_(io, kSlots, *this) {}
PolicyWatch::~PolicyWatch() = default;

void PolicyWatch::use(std::shared_ptr<net::Generation> generation) {
  generation_ = std::move(generation);
  sync_domains();
  sync_addresses();
}

void PolicyWatch::sync_domains() {
  auto before = std::exchange(domains_, {});
  for (const config::Target& target : generation_->config().targets) {
    if (!generation_->config().policies.on || target.kind != config::Target::Kind::domain) continue;
    const auto known = before.find(target.name);
    const auto domain =
        known == before.end() ? std::make_shared<OfDomain>(target.name, *this) : std::move(known->second);
    before.erase(target.name);
    if (domain->use(generation_, target)) domain->begin(now() + kFirstWithin);
    domains_.emplace(target.name, domain);
  }
  for (const auto& [name, gone] : before) {
    gone->stop();
    for (const auto& [policy, record] : gone->records()) gone_.emplace_back(record.key);
    host_.policy_known(PolicyRecord{.key = {name, Policy::mta_sts}});  // nobody looks any more: none is known
  }
  std::erase_if(dirty_policies_, [this](const PolicyKey& key) { return !domains_.contains(key.domain); });
}

void PolicyWatch::set_mail_hosts(const DomainName& domain, const std::set<Name>& hosts) {
  if (const auto found = domains_.find(domain); found != domains_.end())
    found->second->set_mail_hosts({hosts.begin(), hosts.end()});
}

void PolicyWatch::set_addresses(std::map<Address, PtrSource> addresses) {
  probed_ = std::move(addresses);
  if (generation_ && !stopped_) sync_addresses();
}

void PolicyWatch::sync_addresses() {
  std::map<Address, PtrSource> wanted;
  if (generation_->config().policies.on) {
    for (const config::Network& network : generation_->config().dnsbl.addresses)
      for (const Address& address : addresses_of(network)) wanted.emplace(address, PtrSource::configured);
    for (const auto& [address, source] : probed_)
      if (wanted.size() < kMaxAddresses) wanted.emplace(address, source);
  }
  std::erase_if(addresses_, [&](const auto& known) {
    if (wanted.contains(known.first)) return false;
    known.second->stop();
    dirty_addresses_.erase(known.first);
    gone_.emplace_back(PtrKey{known.first});
    return true;
  });
  for (const auto& [address, source] : wanted) {
    auto& known = addresses_[address];
    const bool is_new = known == nullptr;
    if (is_new) known = std::make_shared<OfAddress>(address, source, *this);
    known->set_source(source);
    known->use(generation_);
    if (is_new) known->begin(at_once_ ? now() : now() + stable_phase(std::hash<Address>{}(address), kFirstWithin));
  }
}

void PolicyWatch::stop() {
  stopped_ = true;
  looks_.stop();
  for (const auto& [name, domain] : domains_) domain->stop();
  for (const auto& [address, reverse] : addresses_) reverse->stop();
}

bool PolicyWatch::all_looked_at() const {
  const auto looked = [](const auto& entry) { return entry.second->looked(); };
  return std::ranges::all_of(domains_, looked) && std::ranges::all_of(addresses_, looked);
}

void PolicyWatch::counts(std::size_t in_flight, std::size_t) {
  if (in_flight == 0) host_.policies_idle();
}

void PolicyWatch::feed(Feed& feed) {
  for (const PolicyKey& key : std::exchange(dirty_policies_, {}))
    if (const auto found = domains_.find(key.domain); found != domains_.end())
      feed.changed.emplace_back(std::make_shared<const PolicyRecord>(*found->second->record(key.policy)));
  for (const Address& address : std::exchange(dirty_addresses_, {}))
    if (const auto found = addresses_.find(address); found != addresses_.end())
      feed.changed.emplace_back(std::make_shared<const PtrRecord>(found->second->record()));
  for (RecordKey& key : std::exchange(gone_, {})) feed.gone.push_back(std::move(key));
}

}  // namespace mxhealth::watch
