// What stands behind the '?' of a request: names and values, decoded. Hostile input: how many and how long is bounded,
// and a character that could end a line or a string is refused, so that no handler has to think of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxhealth::web {

inline constexpr std::size_t kMaxParameters = 32;
inline constexpr std::size_t kMaxParameter = 1024;  // octets of a name or a value, decoded

struct Parameter {
  std::string name;
  std::string value;
};
using Query = std::vector<Parameter>;

/// A request's target, also in absolute form (RFC 9112 section 3.2.2), at its '?'.
struct Target {
  std::string_view path;
  std::string_view query;
};
Target split_target(std::string_view target);

/// "a=b%20c&d" with '+' as a blank. Nothing: a malformed escape, a control character, too many or too long.
std::optional<Query> parse_query(std::string_view text);

/// One piece of a path, "%2e" and all; '+' is itself there. Nothing as above.
std::optional<std::string> decoded(std::string_view text);

}  // namespace mxhealth::web
