// The closed lists behind the labels `code` and `enhanced_status`: what a server makes up reads "other".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mxhealth {

/// "220" ... "556" where RFC 5321 section 4.2.3 and its extensions (RFC 3207, 4954, 7504, 7505) name the code, else
/// "other".
std::string_view code_label(std::uint16_t code);

/// An enhanced status as registered (RFC 3463, registry of RFC 5248): "4.7.1", X.0.0 included, else "other".
std::string enhanced_status_label(std::string_view status);

/// The status at the beginning of a reply's text (RFC 2034 section 4): class digit equal to the code's, empty without
/// one.
std::string_view leading_enhanced_status(std::uint16_t code, std::string_view text);

}  // namespace mxhealth
