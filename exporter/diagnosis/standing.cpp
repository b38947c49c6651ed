#include "diagnosis/standing.hpp"

#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {

RouteAddress standing(const Address& address, const SessionRun* confirmed, TlsPolicy policy, const ServerName& server) {
  if (confirmed == nullptr) return {address, Standing::unknown, std::nullopt};
  std::optional<CauseFound> cause = cause_of(*confirmed, policy, server);
  if (!cause) return {address, Standing::good, std::nullopt};
  const CauseClass what = class_of(cause->cause);
  if (what == CauseClass::local) return {address, Standing::unknown, std::move(cause)};
  const bool only_tls = policy == TlsPolicy::opportunistic && what == CauseClass::tls;
  return {address, only_tls ? Standing::impaired : Standing::failing, std::move(cause)};
}

std::optional<CauseFound> never_dialled(const ServerName& server) {
  if (server.view() != "localhost") return std::nullopt;
  return found(Cause::mx_loop);
}

RouteAddress not_dialled(const Address& address) {
  const Cause cause = address.is_this_host() ? Cause::mx_loop : Cause::mx_not_public;
  return {address, Standing::failing, found(cause)};
}

}  // namespace mxhealth::diagnosis
