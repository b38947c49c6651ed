#include "web/protection.hpp"

#include <openssl/ssl.h>

#include "web/tls_context.hpp"

namespace mxhealth::web {

void FreeContext::operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }

LoadedProtection load_protection(const std::filesystem::path& web_config_file) {
  LoadedProtection result;
  if (web_config_file.empty()) {
    result.protection = std::make_shared<const Protection>();
    return result;
  }
  result.files.push_back(web_config_file);
  config::LoadedWebConfig loaded = config::load_web_config(web_config_file);
  for (const config::Problem& problem : loaded.problems)
    (problem.severity == config::Severity::error ? result.errors : result.warnings).push_back(to_string(problem));
  if (!loaded.config) return result;
  auto made = std::make_shared<Protection>();
  made->config = std::move(*loaded.config);
  if (made->config.tls) {
    const config::TlsServer& tls = *made->config.tls;
    for (const config::Pem* pem : {&tls.cert, &tls.key, &tls.client_ca})
      if (!pem->file.empty()) result.files.push_back(pem->file);
    MadeContext context = make_tls_context(tls);
    if (!context.error.empty()) {
      result.errors.push_back(web_config_file.string() + ": error: tls_server_config." + context.error);
      return result;
    }
    made->tls = std::move(context.context);
  }
  result.protection = std::move(made);
  return result;
}

bool opens_doors(const Protection& old, const Protection& next) {
  const auto asks_for_certificates = [](const Protection& one) {
    return one.config.tls && one.config.tls->client_auth != config::ClientAuth::none;
  };
  const bool users_gone = !old.config.users.empty() && next.config.users.empty();
  const bool certificate_instead = next.tls && next.config.tls->client_auth == config::ClientAuth::require_and_verify;
  return (old.tls && !next.tls) || (users_gone && !certificate_instead) ||
         (asks_for_certificates(old) && !asks_for_certificates(next));
}

}  // namespace mxhealth::web
