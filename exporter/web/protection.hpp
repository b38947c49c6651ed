// What --web.config.file asks for, ready for use: the TLS context, users, headers, rate limit. Immutable: a change of
// the file or of a certificate makes a new one. Loading reads files and blocks; it runs at start and on the worker.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/web_config.hpp"

namespace mxhealth::web {

struct FreeContext {
  void operator()(SSL_CTX*) const noexcept;
};

struct Protection {
  config::WebConfig config;
  std::unique_ptr<SSL_CTX, FreeContext> tls;  // none: plain HTTP
};

/// TLS, all users (and no verified client certificate is wanted instead), or the demand for client certificates would
/// be gone. A file that is being rewritten is empty for a moment: doors are opened by a restart only.
bool opens_doors(const Protection& old, const Protection& next);

struct LoadedProtection {
  std::shared_ptr<const Protection> protection;  // none: there is an error
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::vector<std::filesystem::path> files;  // of which a change makes this old, as far as they are known
};

/// An empty name asks for nothing: no errors, a Protection of defaults.
LoadedProtection load_protection(const std::filesystem::path& web_config_file);

}  // namespace mxhealth::web
