// The public key that a mail host serves behind STARTTLS, for a TLSA record. Blocking, for the tool alone: each wait is
// bounded, and so is what is read. Verifies nothing: the key is what is asked for.
#pragma once

#include <chrono>
#include <string>

#include "model/address.hpp"
#include "model/name.hpp"

namespace mxhealth::ctl {

struct ServedKey {
  std::string sha256;   ///< of the SubjectPublicKeyInfo, in lower-case hex; empty: none was seen
  std::string problem;  ///< then why, in our own words
};

inline constexpr std::chrono::seconds kServedKeyWhole{60};  // of the talk and the handshake, however they drip

ServedKey served_key(const Peer& peer, const ServerName& name, const Name& ehlo_name,
                     std::chrono::milliseconds whole = kServedKeyWhole);

}  // namespace mxhealth::ctl
