// One target probed now, without confirmation, by a private engine beside the exporter's on the same loop: for /probe
// and for `mxhealthctl check`. It keeps what the engine says of the target; who began it decides how long it may take,
// and ends it. Sessions that are under way anyway are joined (net/sessions_under_way).
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "metrics/own.hpp"
#include "model/record.hpp"
#include "net/generation.hpp"
#include "watch/asked.hpp"
#include "watch/engine.hpp"

namespace mxhealth::watch {

class Visit {
 public:
  static constexpr std::size_t kMaxSessions = 50;                    // at a time
  static constexpr Duration kPolicyWait = std::chrono::seconds(15);  // once all else is known
  static constexpr std::size_t kMaxKeptSessions = 300;               // what was said in them, for people

  /// `settled` is called once, on the loop, when all is known that can be.
  Visit(std::shared_ptr<net::Generation> elder, config::Target target, Asker asker, std::function<void()> settled);
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  VisitResult result() const;
  std::size_t asked() const;  ///< addresses with a result

  /// Breaks off what is under way. `gone` is called, on the loop, when this may be destroyed.
  void end(std::function<void()> gone);

 private:
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

  void take(Feed fed);
  void settle();
  std::vector<DomainKey> roles() const;

  config::Target target_;
  std::function<void()> settled_;
  Mono began_ = std::chrono::steady_clock::now();
  std::map<RecordKey, Record> records_;
  std::vector<SessionNote> sessions_;
  bool waiting_for_policies_ = false;
  Timer policies_late_;
  metrics::Own own_{{}};  // thrown away with us
  Engine engine_;
};

}  // namespace mxhealth::watch
