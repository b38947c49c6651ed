// Asks the exporter that runs with these options whether it is healthy: for container health checks, which find neither
// a shell nor curl. Whoever is told to log in, to come without haste or with a certificate has met a live server.
// The server's certificate is not verified: it is this machine that is asked. It blocks and needs no loop; what is
// wrong comes back as a sentence.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "web/server.hpp"

namespace mxhealth::web {

inline constexpr std::chrono::seconds kSelfCheckDeadline{3};  // for all of it: connect, ask, hear the first line

/// Empty: /-/healthy was answered. Asks at the first of the listen addresses; by TLS, if the web configuration has it.
std::string self_check(const WebOptions& options, const std::filesystem::path& web_config_file = {},
                       std::chrono::milliseconds deadline = kSelfCheckDeadline);

}  // namespace mxhealth::web
