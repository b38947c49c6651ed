// From tls_server_config to OpenSSL: certificate, key, who may come, versions, suites and curves. Sessions are never
// resumed, so that each connection's certificate is looked at anew. Reads files, opens no socket.
#pragma once

#include <memory>
#include <string>

#include "config/web_config.hpp"
#include "web/protection.hpp"

namespace mxhealth::web {

struct MadeContext {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::string error;  // "key_file: a.key: does not belong to the certificate"; never a word of what is in a file
};

/// The context points to `tls`, which lives as long as somebody shakes hands with it.
MadeContext make_tls_context(const config::TlsServer& tls);

}  // namespace mxhealth::web
