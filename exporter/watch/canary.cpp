#include "watch/canary.hpp"

#include <boost/asio/co_spawn.hpp>

#include "log/event.hpp"
#include "net/clock.hpp"
#include "probes/host.hpp"
#include "watch/held.hpp"
#include "watch/roster.hpp"

namespace mxhealth::watch {
namespace {

using net::now;

std::vector<Family> families(const config::Config& config) {
  std::vector<Family> families;
  for (const Family family : {Family::ipv4, Family::ipv6})
    if (config::includes(config.global.families, family)) families.push_back(family);
  return families;
}

}  // namespace

Canary::Canary(config::Canary who, net::asio::io_context& io, Scheduler& lookups, CanaryHost& host)
    : who_(std::move(who)), io_(io), lookups_(lookups), host_(host) {}

void Canary::use(std::shared_ptr<net::Generation> generation) { generation_ = std::move(generation); }

void Canary::begin(Mono first_due) { lookups_.schedule(*this, first_due, Urgency::canary); }

void Canary::stop() {
  stopped_ = true;
  lookups_.cancel(*this);
}

void Canary::start() {
  boost::asio::co_spawn(io_.get_executor(), look_up(), [self = shared_from_this()](const std::exception_ptr& bug) {
    self->lookups_.finished();
    if (bug) std::rethrow_exception(bug);
  });
}

net::awaitable<void> Canary::look_up() {
  const std::shared_ptr<net::Generation> generation = generation_;
  const Mono started = now();
  std::vector<Family> asked = families(generation->config());
  ServerName server = who_.server;
  const HostFacts facts = co_await probes::look_up_host(generation->resolver(), std::move(server), std::move(asked));
  if (stopped_) co_return;
  take(facts);
  const Duration interval = generation_->config().global.interval;
  const Mono next = next_at_phase(started, interval, stable_phase(std::hash<Name>{}(who_.server), interval));
  lookups_.schedule(*this, std::max(next, now()), Urgency::canary);
  host_.canary_looked_up(*this);
}

// Addresses outlive failed lookups: a resolver in trouble takes no canary away.
void Canary::take(const HostFacts& facts) {
  const config::Config& config = generation_->config();
  const AddressRules rules{.families = config.global.families,
                           .non_public = config.limits.non_public_targets,
                           .from_mx_record = false,
                           .per_server = static_cast<std::size_t>(config.limits.addresses_per_server)};
  if (is_answer(facts) || !addresses_) {
    const std::vector<Address> kept = addresses_.value_or(std::vector<Address>{});
    addresses_ = select_addresses(facts, kept, rules).dial;
  }
  const bool unusable = addresses_->empty();
  if (unusable && !said_unusable_)
    log::event(log::Level::warn, "canary_unusable",
               {{"server", who_.server.str()},
                {"port", who_.port},
                {"note", "it has no address that may be dialled; it is looked up again once per interval"}});
  said_unusable_ = unusable;
}

}  // namespace mxhealth::watch
