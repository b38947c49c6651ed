// One configuration brought to life: resolver, TLS context, trust store. Held by every running session and dies with
// the last, so that a reload never pulls the floor away. Belongs to the probing loop.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "config/config.hpp"
#include "net/await.hpp"
#include "net/resolver.hpp"
#include "net/session_tools.hpp"
#include "net/sessions_under_way.hpp"
#include "net/tls_link.hpp"
#include "net/wheel.hpp"
#include "tls/dane.hpp"
#include "tls/judge_chain.hpp"

namespace mxhealth::net {

/// What the probing loop has once, whatever the configuration.
struct Loop {
  asio::io_context& io;
  Wheel wheel;
  SessionsUnderWay sessions;
  std::array<char, 16 * 1024> scratch{};  // one TLS record

  explicit Loop(asio::io_context& context) : io(context), wheel(context), sessions(context) {}
};

class Generation {
 public:
  /// Throws std::runtime_error when OpenSSL cannot make a context.
  Generation(Loop& loop, config::Config config, tls::TrustStore trust)
      : Generation(loop, std::move(config), make_probe_context(), std::move(trust)) {}

  /// A smaller one beside another, with the trust store and TLS context of that, which take time to make.
  Generation(config::Config config, const Generation& elder)
      : Generation(elder.loop_, std::move(config), share(elder.tls_), elder.judge_.store().share()) {}

  Loop& loop() { return loop_; }
  const config::Config& config() const { return config_; }
  Resolver& resolver() { return resolver_; }
  tls::DaneJudge& dane() { return dane_; }
  SessionTools tools() {
    return {.io = loop_.io, .wheel = loop_.wheel, .tls = tls_.get(), .judge = judge_, .scratch = loop_.scratch};
  }

 private:
  Generation(Loop& loop, config::Config config, SslContext context, tls::TrustStore trust)
      : loop_(loop),
        config_(std::move(config)),
        resolver_(loop.io, {.servers = config_.resolvers,
                            .timeout = config_.global.timeouts.dns,
                            .cache = {.min_ttl = least_ttl(config_.global.interval)},
                            .control = config_.resolver_check.name,
                            .control_every = config_.global.interval}),
        tls_(std::move(context)),
        judge_(std::move(trust)) {}

  // Nothing is asked more often than once in a minute, or in an interval where that is shorter.
  static std::chrono::seconds least_ttl(Duration interval) {
    return std::min(dns::CacheBounds{}.min_ttl, std::chrono::floor<std::chrono::seconds>(interval));
  }

  Loop& loop_;
  config::Config config_;
  Resolver resolver_;
  SslContext tls_;
  tls::ChainJudge judge_;
  tls::DaneJudge dane_;
};

}  // namespace mxhealth::net
