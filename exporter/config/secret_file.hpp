// A secret that a configuration names by file: one line, kept out of everything that is ever printed.
#pragma once

#include <filesystem>
#include <optional>

#include "config/reader.hpp"
#include "model/secret.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMaxSecret = 512;  // octets

/// The only line of `file`, without its line end. What is wrong is reported at `field`, never with what the file holds.
std::optional<Secret> read_secret_file(const Field& field, const std::filesystem::path& file);

}  // namespace mxhealth::config
