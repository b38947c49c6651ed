// A DNS label that nobody has and no cache knows: for questions about names that cannot exist.
#pragma once

#include <string>

namespace mxhealth::net {

/// 16 letters and digits. Throws std::runtime_error when OpenSSL has no random numbers.
std::string random_label();

}  // namespace mxhealth::net
