// Base64 with padding (RFC 4648 section 4), as SASL exchanges carry it. Strict: what is not exactly that is nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mxhealth::smtp {

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace mxhealth::smtp
