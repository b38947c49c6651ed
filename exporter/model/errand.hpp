// What a session may be asked to do behind EHLO, where the operator wishes it: an envelope that no mail follows, and a
// login. Off unless configured: both leave traces in other people's logs.
#pragma once

#include <string>

#include "model/secret.hpp"

namespace mxhealth {

/// MAIL FROM and RCPT TO as they are sent (RFC 5321 section 3.3), without the angle brackets.
struct Envelope {
  std::string from;  ///< empty: the null reverse-path
  std::string to;    ///< a full address
  friend bool operator==(const Envelope&, const Envelope&) = default;
};

struct Login {
  std::string user;
  Secret password;
  friend bool operator==(const Login&, const Login&) = default;
};

}  // namespace mxhealth
