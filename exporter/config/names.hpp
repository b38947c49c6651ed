// Names as people write them, U-labels included, to names as DNS has them (A-labels). The only use of libidn2.
// Says what is wrong with a name and in which label; does not ask DNS.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "model/name.hpp"

namespace mxhealth::config {

/// What keeps a text from being a name, such as: label "-a" begins with a hyphen.
struct NotAName {
  std::string why;
};

/// A host or domain name: never the root, never something that reads as an address.
std::variant<Name, NotAName> name_from(std::string_view text);

}  // namespace mxhealth::config
