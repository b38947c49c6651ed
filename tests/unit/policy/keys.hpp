// Public keys of any size without making a pair: what is published is a modulus, and any odd number looks like one.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mxhealth::policy::test {

inline std::string base64(std::string_view octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// One element of DER (ITU-T X.690 section 8.1).
inline std::string der(char tag, const std::string& content) {
  std::string length;
  if (content.size() < 128) {
    length += static_cast<char>(content.size());
  } else {
    length += '\x82';
    length += static_cast<char>(content.size() >> 8U);
    length += static_cast<char>(content.size() & 0xffU);
  }
  return tag + length + content;
}

/// RSAPublicKey: a modulus of so many bits (a multiple of 8), and 65537.
inline std::string rsa_public_key(unsigned bits) {
  const std::string modulus = std::string(1, '\0') + std::string(bits / 8, '\xb5');
  return der('\x30', der('\x02', modulus) + der('\x02', std::string("\x01\x00\x01", 3)));
}

/// SubjectPublicKeyInfo, as key tools write it.
inline std::string rsa_key_info(unsigned bits) {
  const std::string algorithm = der('\x30', der('\x06', "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") + der('\x05', ""));
  return der('\x30', algorithm + der('\x03', std::string(1, '\0') + rsa_public_key(bits)));
}

inline std::string rsa(unsigned bits) { return base64(rsa_key_info(bits)); }
inline std::string ed25519() { return base64(std::string(32, '\x42')); }

}  // namespace mxhealth::policy::test
