// Routes written as text, for the tests of this room: "10 refused 20 ok" is one address per preference and word.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/standing.hpp"
#include "model/route.hpp"

namespace mxhealth::testing {

/// A word is `ok`, `tls_broken` (impaired), `unknown`, `missing` (no address), `resolver_gone`, `loop`, `localhost`,
/// `literal` (a good host whose name is an address), `deferred_sender` and `deferred_recipient` (behind EHLO), or a
/// short or full name of a cause that makes the address fail.
inline RouteHost route_host(unsigned preference, const std::string& word) {
  using diagnosis::found;
  RouteHost host{static_cast<std::uint16_t>(preference), *ServerName::parse("mx.example.net"), {}, {}};
  const auto address = [&](Standing standing, std::optional<CauseFound> cause) {
    RouteAddress made;
    made.standing = standing;
    made.cause = std::move(cause);
    host.addresses.push_back(std::move(made));
  };
  const auto envelope = [&](Cause cause, std::uint16_t code, std::string status) {
    address(Standing::failing, CauseFound{cause, status, Side::theirs});
    host.addresses.back().reply_code = code;
    host.addresses.back().reply_status = std::move(status);
    host.addresses.back().past_hello = true;
  };
  if (word == "missing")
    host.dns = found(Cause::mx_target_missing);
  else if (word == "servfail")
    host.dns = found(Cause::dns_servfail);
  else if (word == "resolver_gone")
    host.dns = found(Cause::resolver_unreachable);
  else if (word == "localhost")
    host.dns = found(Cause::mx_loop);
  else if (word == "deferred_sender")
    envelope(Cause::sender_tempfail, 451, "4.3.0");
  else if (word == "deferred_recipient")
    envelope(Cause::recipient_tempfail, 452, "4.2.2");
  else if (word == "literal")
    host.server = *ServerName::parse("127.50.0.32"), address(Standing::good, {});
  else if (word == "ok")
    address(Standing::good, {});
  else if (word == "unknown")
    address(Standing::unknown, {});
  else if (word == "no_descriptor")
    address(Standing::unknown, found(Cause::local_resource));
  else if (word == "tls_broken")
    address(Standing::impaired, found(Cause::tls_handshake_failed));
  else if (word == "refused")
    address(Standing::failing, found(Cause::connect_refused));
  else if (word == "unreachable")
    address(Standing::failing, found(Cause::host_unreachable));
  else if (word == "loop")
    address(Standing::failing, found(Cause::mx_loop));
  else
    address(Standing::failing, found(cause_of_label(word).value()));
  return host;
}

inline Route route_from(std::string_view text) {
  Route route;
  std::istringstream words{std::string(text)};
  unsigned preference = 0;
  for (std::string word; words >> preference >> word;) route.hosts.push_back(route_host(preference, word));
  return route;
}

}  // namespace mxhealth::testing
