#include "net/random_label.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace mxhealth::net {

// 36 does not divide 256: that some letters come more often is no harm here.
std::string random_label() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    throw std::runtime_error("no random numbers from OpenSSL");
  std::string text;
  for (const unsigned char octet : random) text += kLetters[octet % kLetters.size()];
  return text;
}

}  // namespace mxhealth::net
