// `mxhealthctl suggest`: looks at what a domain has, and prints what it should publish. Blocks until all is looked up.
// Connects to the mail hosts for `tlsa` alone.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "net/await.hpp"

namespace mxhealth::ctl {

struct SuggestRequest {
  std::string topic;  ///< one of policy::kTopicLabels
  std::string domain;
  std::filesystem::path config_file;  ///< resolvers and sending addresses; empty: the system's, none
  bool json = false;
};

inline constexpr std::size_t kMaxSuggestHosts = 20;     // mail hosts that are looked at
inline constexpr std::size_t kMaxSuggestAddresses = 8;  // of each that are connected to

/// Exit code: 0 something is suggested, 1 better nothing, 2 a lookup failed, 3 wrong usage or configuration.
int suggest(net::asio::io_context& io, const SuggestRequest&, std::ostream& out, std::ostream& err);

}  // namespace mxhealth::ctl
