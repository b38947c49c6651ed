// Hosts with certificates of an authority that is trusted, and what DANE and MTA-STS say of them.
#pragma once

#include "tls/published.hpp"
#include "watch/fixture.hpp"

namespace mxhealth::watch {

using tls::testing::published;
using tls::testing::tlsa;

inline const ServerName kMx = name("mx.example.net");

inline tls::testing::Issued test_authority() {
  tls::testing::Wishes wishes = valid_today("test authority");
  wishes.alt_names.clear();
  wishes.authority = true;
  return tls::testing::self_signed(wishes);
}

class TransportTest : public WatchTest {
 protected:
  tls::testing::Issued certificate(const ServerName& server) const {
    return tls::testing::issued_by(authority, valid_today(server.str()));
  }
  /// An endpoint whose first result is there.
  std::shared_ptr<Endpoint> met(Peer peer, const std::vector<ServerName>& names = {kMx}) {
    auto made = std::make_shared<Endpoint>(EndpointKey{peer, false}, io, scheduler, *this);
    made->use(std::make_shared<net::Generation>(loop, config, tls::testing::trusting(authority)));
    for (const ServerName& server : names) made->want(kDomain, server, 60s, true);
    made->begin(clock_now());
    EXPECT_TRUE(run_until(io, [&] { return made->last_known(names.front()) != nullptr && !made->running(); }));
    return made;
  }
  static TlsaFacts failed(LookupEnd end) { return {.secure_host = true, .end = end, .base = kMx}; }
  static TlsaFacts unsigned_host() { return {}; }
  static MtaSts policy(const std::string& pattern, StsMode mode = StsMode::enforce) {
    return {.id = "1", .mode = mode, .mx = {pattern}, .max_age = 604800s, .fetched = std::chrono::system_clock::now()};
  }

  tls::testing::Issued authority = test_authority();
  tls::testing::Issued leaf = certificate(kMx);
  tls::testing::Issued next = certificate(kMx);
  Identity identity{leaf};
};

}  // namespace mxhealth::watch
