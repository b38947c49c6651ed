#include "watch/oldest_tls.hpp"

#include <utility>

namespace mxhealth::watch {
namespace {

// An alert, or the connection cut at our ClientHello. A timeout may be the network's.
bool is_refusal(const SessionRun& run) {
  if (run.ended_in != Phase::tls) return false;
  return run.ending == Ending::tls_failed || run.ending == Ending::peer_closed ||
         run.ending == Ending::connection_error;
}

TlsVersion above(TlsVersion version) { return static_cast<TlsVersion>(static_cast<int>(version) + 1); }

}  // namespace

void OldestTls::begin(Mono now, TlsVersion spoken) {
  due_ = now + kApart;
  spoken_ = spoken;
  next_.reset();
  if (spoken == TlsVersion::tls_1_0)
    found_ = spoken;
  else
    next_ = TlsVersion::tls_1_0;
}

void OldestTls::take(const SessionRun& run) {
  const std::optional<TlsVersion> offered = std::exchange(next_, std::nullopt);
  if (!offered) return;
  if (run.at(Phase::tls).completed) {
    found_ = offered;
  } else if (is_refusal(run)) {
    if (above(*offered) < spoken_)
      next_ = above(*offered);
    else
      found_ = spoken_;
  }
}

}  // namespace mxhealth::watch
