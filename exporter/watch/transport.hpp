// What a domain's transport policies say of one of its servers: its TLSA records (DANE), and whether an enforced
// MTA-STS policy names it.
#pragma once

#include <optional>
#include <vector>

#include "model/dane.hpp"
#include "model/name.hpp"

namespace mxhealth::watch {

struct Transport {
  TlsaFacts tlsa{};
  std::vector<Name> names{};          ///< that certificates below a DANE-TA record may be for
  std::optional<bool> sts_covered{};  ///< none: no policy is enforced
};

/// A question that is to be asked.
struct TlsaQuestion {
  ServerName server;
  std::uint16_t port = 0;
  HostFacts host;
};

}  // namespace mxhealth::watch
