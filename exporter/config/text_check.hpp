// What can be said about a file's octets before YAML sees them: too long, not UTF-8, control characters, and tabs where
// YAML wants spaces, which the YAML library reports in ways nobody understands.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mxhealth::config {

inline constexpr std::size_t kMaxFile = 1024 * 1024;

/// A file that cannot be read as YAML, and where that shows; line 0 when it is about the whole file.
struct Broken {
  int line = 0;
  int column = 0;
  std::string message;
};

/// Takes the byte order mark of UTF-8 off; editors of some systems put one there.
std::string_view without_byte_order_mark(std::string_view text);

std::optional<Broken> check_text(std::string_view text);

}  // namespace mxhealth::config
