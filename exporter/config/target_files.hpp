// The key `target_files`: patterns of files with more targets. Finds them in the order of their names and reads them.
// Does not watch them: that is for whoever reloads.
#pragma once

#include <filesystem>
#include <vector>

#include "config/parse_targets.hpp"
#include "config/problem.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

/// The patterns; relative ones are taken to lie under `directory`.
std::vector<std::filesystem::path> parse_target_files(const Field&, const std::filesystem::path& directory);

/// The files that a pattern finds now, sorted.
std::vector<std::filesystem::path> files_matching(const std::filesystem::path& pattern);

/// Adds the targets of `file`, a list of targets, or a map with such a list under `targets`; answers its problems.
std::vector<Problem> read_target_file(const std::filesystem::path& file, Targets&);

/// The same for a text at hand.
std::vector<Problem> parse_target_file(std::string_view text, std::string file_name, Targets&);

}  // namespace mxhealth::config
