// What a look at a domain's policies needs, and about whom it is. Whoever runs such a look keeps both alive.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "model/policy.hpp"
#include "net/await.hpp"
#include "net/https_get.hpp"
#include "net/resolver.hpp"
#include "net/session_tools.hpp"

namespace mxhealth::probes {

struct PolicyTools {
  net::Resolver& resolver;
  net::SessionTools session;
  const config::Config& config;        ///< timeouts, families, what may be dialled
  Duration max_age = Duration::max();  ///< what is older is not taken from our cache: zero for a second look
  net::HttpsStop* stop = nullptr;      ///< of requests over HTTPS
};

struct PolicySubject {
  DomainName domain;
  std::vector<Name> mx{};                     ///< its mail hosts, as last looked up; empty: not known, or none
  std::vector<std::string> dkim_selectors{};  ///< as configured
  std::vector<config::Network> sending{};     ///< addresses that send for it, as configured
  std::optional<MtaSts> last_mta_sts{};       ///< from the facts of the look before
};

}  // namespace mxhealth::probes
