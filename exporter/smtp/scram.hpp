// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: the messages before base64, and the
// arithmetic. No I/O, no randomness: the nonce is an argument. Names and passwords are taken as they are: for ASCII
// that is what SASLprep (RFC 4013) makes of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/errand.hpp"

namespace mxhealth::smtp {

/// Deriving a key of 100,000 rounds takes some 30 ms on the loop that also measures; servers have 4,096 to 50,000.
inline constexpr unsigned kMaxScramIterations = 100'000;
inline constexpr std::size_t kMaxScramSalt = 256;   // octets; common are 16
inline constexpr std::size_t kMaxScramNonce = 512;  // characters, ours and the server's together

class Scram {
 public:
  Scram(const Login& login, std::string nonce);

  std::string client_first() const { return "n,," + client_first_bare_; }

  /// Nothing: not a server-first-message, a nonce that is not ours, or numbers beyond the bounds.
  std::optional<std::string> client_final(std::string_view server_first);

  /// Whether the server has shown that it knows the password too.
  bool verify(std::string_view server_final) const;

 private:
  Secret password_;
  std::string nonce_;
  std::string client_first_bare_;
  std::string server_signature_;  // in base64, once client_final has been made
};

}  // namespace mxhealth::smtp
