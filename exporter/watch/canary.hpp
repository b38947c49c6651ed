// One canary: a host of the configuration whose only task is to accept connections. Looks up its addresses, once per
// interval at a stable phase; who dials them and what it means is egress_watch's business.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "model/dns_facts.hpp"
#include "net/generation.hpp"
#include "watch/scheduler.hpp"

namespace mxhealth::watch {

class Canary;

struct CanaryHost {
  virtual ~CanaryHost() = default;
  virtual void canary_looked_up(const Canary&) = 0;
};

class Canary final : public Scheduler::Job, public std::enable_shared_from_this<Canary> {
 public:
  static constexpr Duration kFirstWithin = std::chrono::seconds(1);  // before the targets, if they have time

  Canary(config::Canary who, net::asio::io_context& io, Scheduler& lookups, CanaryHost& host);

  void use(std::shared_ptr<net::Generation> generation);
  void begin(Mono first_due);
  void stop();  // nothing is told any more

  const config::Canary& who() const { return who_; }
  /// What may be dialled of the last good answer; none before the first answer or failure.
  const std::optional<std::vector<Address>>& addresses() const { return addresses_; }

 private:
  void start() override;
  net::awaitable<void> look_up();
  void take(const HostFacts& facts);

  config::Canary who_;
  net::asio::io_context& io_;
  Scheduler& lookups_;
  CanaryHost& host_;
  std::shared_ptr<net::Generation> generation_;
  std::optional<std::vector<Address>> addresses_;
  bool said_unusable_ = false;
  bool stopped_ = false;
};

}  // namespace mxhealth::watch
