#include "watch/senders.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "config/network_addresses.hpp"
#include "log/event.hpp"
#include "net/clock.hpp"
#include "watch/list_subjects.hpp"

namespace mxhealth::watch {
namespace {

using net::now;

}  // namespace

class Senders::OfDomain final : public Scheduler::Job, public std::enable_shared_from_this<OfDomain> {
 public:
  OfDomain(DomainName domain, Senders& senders) : domain_(std::move(domain)), senders_(senders) {}

  void use(std::shared_ptr<net::Generation> generation) { generation_ = std::move(generation); }
  void begin() {
    const Duration phase = stable_phase(std::hash<Name>{}(domain_), kFirstWithin);
    senders_.scheduler_.schedule(*this, now() + phase, Urgency::routine);
  }
  void stop() {
    stopped_ = true;
    senders_.scheduler_.cancel(*this);
  }
  const std::set<Address>& addresses() const { return addresses_; }

 private:
  void start() override {
    boost::asio::co_spawn(senders_.io_.get_executor(), look_up(),
                          [self = shared_from_this()](const std::exception_ptr& bug) {
                            self->senders_.scheduler_.finished();
                            if (bug) std::rethrow_exception(bug);
                          });
  }

  net::awaitable<void> look_up() {
    const std::shared_ptr<net::Generation> generation = generation_;
    DomainName domain = domain_;
    const probes::SpfSenders found = co_await probes::look_up_spf_senders(generation->resolver(), std::move(domain));
    if (stopped_) co_return;
    const Duration interval = generation_->config().dnsbl.interval;
    const Mono next = found.complete
                          ? next_at_phase(now(), interval, stable_phase(std::hash<Name>{}(domain_), interval))
                          : now() + std::min<Duration>(kAgain, interval);
    senders_.scheduler_.schedule(*this, next, Urgency::routine);
    if (found.complete) take(found);
  }

  void take(const probes::SpfSenders& found) {
    std::set<Address> addresses;
    for (const config::Network& network : found.networks)
      for (const Address& address : addresses_of(network))
        if (addresses.size() < kMaxOfDomain) addresses.insert(address);
    const bool cut = addresses.size() == kMaxOfDomain;
    if ((cut || found.too_wide > 0) && !std::exchange(said_too_wide_, true))
      log::event(
          log::Level::info, "spf_networks_passed_over",
          {{"domain", domain_.str()},
           {"networks", found.too_wide},
           {"note", "larger than /24 or /120, or beyond the first 4096 addresses: not looked up on blocklists"}});
    if (std::exchange(addresses_, std::move(addresses)) != addresses_) senders_.tell();
  }

  DomainName domain_;
  Senders& senders_;
  std::shared_ptr<net::Generation> generation_;
  std::set<Address> addresses_;
  bool said_too_wide_ = false;
  bool stopped_ = false;
};

Senders::Senders(net::asio::io_context& io, Scheduler& scheduler, std::function<void(std::set<Subject>)> changed)
    : io_(io), scheduler_(scheduler), changed_(std::move(changed)) {}
Senders::~Senders() = default;

void Senders::use(std::shared_ptr<net::Generation> generation) {
  auto before = std::exchange(domains_, {});
  for (const DomainName& name : generation->config().dnsbl.spf) {
    const auto known = before.find(name);
    const bool is_new = known == before.end();
    const auto domain = is_new ? std::make_shared<OfDomain>(name, *this) : known->second;
    if (!is_new) before.erase(known);
    domain->use(generation);
    domain->begin();
    domains_.emplace(name, domain);
  }
  for (const auto& [name, gone] : before) gone->stop();
  if (!before.empty()) tell();
}

void Senders::stop() {
  for (const auto& [name, domain] : domains_) domain->stop();
}

void Senders::tell() const {
  std::set<Subject> all;
  for (const auto& [name, domain] : domains_)
    for (const Address& address : domain->addresses())
      if (all.size() < kMaxAll) all.insert(address);
  changed_(std::move(all));
}

}  // namespace mxhealth::watch
