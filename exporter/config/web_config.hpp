// The file of --web.config.file, in the format that Prometheus' exporters share (tls_server_config, basic_auth_users,
// http_server_config, rate_limit). All of it is checked; what would protect the page and is not served by this version
// is an error, so that nobody believes it to be protected. Hashes and keys appear in no message.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace mxhealth::config {

/// Nothing to be served differently exactly when there is no error.
std::vector<Problem> check_web_config(const std::filesystem::path& file);

/// The same for a text at hand; files it names are not looked for.
std::vector<Problem> parse_web_config(std::string_view text, std::string file_name);

}  // namespace mxhealth::config
