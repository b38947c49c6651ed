// Reads a file that should be small, whole, with one clear sentence when that does not work. Blocks.
#pragma once

#include <filesystem>
#include <string>
#include <variant>

namespace mxhealth::config {

struct Unreadable {
  std::string why;  // cannot be read: No such file or directory
};

/// At most one octet more than `most`, so that the caller sees that it is too long.
std::variant<std::string, Unreadable> read_small_file(const std::filesystem::path&, std::size_t most);

}  // namespace mxhealth::config
