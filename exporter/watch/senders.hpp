// Keeps the addresses that the SPF records of configured domains let send: looked up once per interval, the last
// complete answer kept while lookups fail.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "model/listing.hpp"
#include "net/generation.hpp"
#include "probes/spf_senders.hpp"
#include "watch/scheduler.hpp"

namespace mxhealth::watch {

class Senders {
 public:
  static constexpr Duration kFirstWithin = std::chrono::seconds(2);
  static constexpr Duration kAgain = std::chrono::minutes(1);  // after a failure
  static constexpr std::size_t kMaxOfDomain = 4096;            // addresses; what is beyond is told in the log
  static constexpr std::size_t kMaxAll = 10'000;               // half of all subjects

  /// `changed` is called with all of them.
  Senders(net::asio::io_context& io, Scheduler& scheduler, std::function<void(std::set<Subject>)> changed);
  ~Senders();

  void use(std::shared_ptr<net::Generation> generation);
  void stop();

 private:
  class OfDomain;
  void tell() const;

  net::asio::io_context& io_;
  Scheduler& scheduler_;
  std::function<void(std::set<Subject>)> changed_;
  std::map<DomainName, std::shared_ptr<OfDomain>> domains_;  // their other owner is a lookup under way
};

}  // namespace mxhealth::watch
