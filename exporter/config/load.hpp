// The way from a YAML file to a Config. Every problem of the file and of its target files is reported at once, in the
// order of the files' lines; only broken YAML ends the reading of its file early. Blocks on disk: not for a loop.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/problem.hpp"

namespace mxhealth::config {

struct Loaded {
  std::optional<Config> config;   // absent exactly when `problems` holds an error
  std::vector<Problem> problems;  // errors and warnings
};

/// Reads `file`, and the target files it names. Never throws for what is in them, or for missing ones.
Loaded load_config(const std::filesystem::path& file);

/// The same for a text at hand, without touching the disk: target files and passwords are not read, `tls_ca_file` is
/// not looked for.
Loaded parse_config(std::string_view text, std::string file_name);

}  // namespace mxhealth::config
