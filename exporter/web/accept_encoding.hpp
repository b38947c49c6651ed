// Whether a client takes gzip, after RFC 9110 section 12.5.3.
#pragma once

#include <string_view>

namespace mxhealth::web {

/// `field` is the value of Accept-Encoding, several joined by commas; empty when absent, and then nothing is packed.
bool accepts_gzip(std::string_view field);

}  // namespace mxhealth::web
