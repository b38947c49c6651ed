// Looking for the oldest version of TLS that an address accepts: sessions of their own behind a routine one. They count
// nowhere: a refused handshake is what one hopes for here, no outage.
#include "watch/endpoint.hpp"

namespace mxhealth::watch {

net::awaitable<void> Endpoint::probe_oldest_tls() {
  if (!watcher_.wants_oldest_tls(*this)) {
    oldest_tls_ = {};
    co_return;
  }
  const Mono begun = std::chrono::steady_clock::now();
  const auto spoken = latest_->tls ? tls_version(latest_->tls->version) : std::nullopt;
  if (!spoken || !oldest_tls_.is_due(begun)) co_return;
  oldest_tls_.begin(begun, *spoken);
  while (oldest_tls_.next()) {
    auto asked = question(names());
    asked.only = oldest_tls_.next();
    const std::shared_ptr<const SessionRun> run = co_await session(std::move(asked));
    if (left()) co_return;
    oldest_tls_.take(*run);
  }
  watcher_.oldest_tls_known(*this);
}

}  // namespace mxhealth::watch
