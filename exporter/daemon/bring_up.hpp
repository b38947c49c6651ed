// From a file to what the engine can use: configuration read and checked, resolvers, own name and trust store filled
// in. Blocks (disk, getaddrinfo): for the worker, or before the loops start. Never throws for what it finds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/shard.hpp"
#include "tls/trust_store.hpp"

namespace mxhealth::daemon {

struct Ready {
  config::Config config;  ///< only what is this shard's
  tls::TrustStore trust;
  std::size_t in_flight;    ///< limits.in_flight, lowered to what RLIMIT_NOFILE leaves
  std::size_t all_targets;  ///< of the configuration, whosever they are
};

struct BroughtUp {
  std::optional<Ready> ready;       ///< absent exactly when there are errors
  std::vector<std::string> errors;  ///< one line each, with file, line and column where there is one
  std::vector<std::string> warnings;
};

BroughtUp bring_up(const std::filesystem::path& config_file, const config::Shard& shard = {});

}  // namespace mxhealth::daemon
