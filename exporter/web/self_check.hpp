// Asks the exporter that runs with these options whether it is healthy: for container health checks, which find neither
// a shell nor curl. Plain HTTP to this machine. It blocks and needs no loop; what is wrong comes back as a sentence.
#pragma once

#include <chrono>
#include <string>

#include "web/server.hpp"

namespace mxhealth::web {

inline constexpr std::chrono::seconds kSelfCheckDeadline{3};  // for all of it: connect, ask, hear the first line

/// Empty: /-/healthy was answered with 200. Asks at the first of the listen addresses.
std::string self_check(const WebOptions& options, std::chrono::milliseconds deadline = kSelfCheckDeadline);

}  // namespace mxhealth::web
