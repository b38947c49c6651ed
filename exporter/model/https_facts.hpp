// What one HTTPS request for a small text showed: how far it came, the certificate whatever verification says, and the
// answer. Facts only; what a status or a media type means is for who asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/address.hpp"
#include "model/tls_facts.hpp"

namespace mxhealth {

/// How far a request came.
enum class HttpsStep : std::uint8_t { connect, tls, header, body };

enum class HttpsEnd : std::uint8_t {
  answered,         ///< with a status; the body is whole where the status is 200
  failed,           ///< errno says why: refused, unreachable, reset
  timed_out,        ///< no octet, or not all of them in time
  closed,           ///< the peer ended the connection before the answer was complete
  tls_failed,       ///< the handshake; `tls_error` says why
  old_tls,          ///< something older than TLS 1.2
  not_verified,     ///< untrusted or dated chain, or another name: `chain`, `name_matches`; nothing was asked
  unreadable,       ///< no HTTP
  header_too_long,  ///< beyond the limit
  body_too_long,    ///< beyond the limit
  stopped,          ///< by us
};

struct HttpsFacts {
  HttpsEnd end = HttpsEnd::stopped;
  HttpsStep step = HttpsStep::connect;
  bool began_to_answer = false;  ///< some octet of the answer came
  int error = 0;
  bool ours = false;  ///< the error is our own stack's word, no packet was sent
  std::string tls_error{};
  std::string tls_version{};
  std::optional<ChainFacts> chain{};
  bool name_matches = false;  ///< some subjectAltName of the certificate is the host's (RFC 6125; never its CN)
  unsigned status = 0;
  std::string location{};  ///< of a redirect; printable and cut, as are the next two
  std::string content_type{};
  std::string content_encoding{};
  std::string body{};          ///< of a 200, as it came
  std::optional<Peer> peer{};  ///< who was asked last
};

}  // namespace mxhealth
