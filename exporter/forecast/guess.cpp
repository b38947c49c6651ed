#include "forecast/guess.hpp"

#include <string>

namespace mxhealth::forecast {
namespace {

constexpr Guess kGuesses[] = {
    {Standing::good, {}, {}},
    {Standing::failing, Cause::connect_timeout, "4.4.1"},
    {Standing::failing, Cause::banner_tempfail, "4.0.0"},
    {Standing::failing, Cause::ehlo_rejected, "5.0.0"},
    // A domain whose addresses do these is judged as one of those above is; a sender may act otherwise.
    {Standing::failing, Cause::banner_rejected, "5.0.0"},
    {Standing::failing, Cause::recipient_rejected, "5.0.0"},
    {Standing::impaired, Cause::tls_handshake_failed, "4.7.5"},
};

bool is_local(const std::optional<CauseFound>& cause) { return cause && class_of(cause->cause) == CauseClass::local; }

RouteAddress guessed(const RouteAddress& address, const Guess& guess) {
  RouteAddress known;
  known.address = address.address;
  known.standing = guess.standing;
  if (guess.standing != Standing::good) known.cause = CauseFound{guess.cause, std::string(guess.status), Side::unknown};
  return known;
}

}  // namespace

std::span<const Guess> guesses() { return kGuesses; }
std::span<const Guess> guesses_for_verdict() { return guesses().first(4); }

Route as_if(Route route, const Guess& guess) {
  for (RouteHost& host : route.hosts) {
    if (is_local(host.dns)) host.dns.reset(), host.addresses.emplace_back();
    for (RouteAddress& address : host.addresses)
      if (address.standing == Standing::unknown) address = guessed(address, guess);
  }
  return route;
}

Unknown first_unknown(const Route& route) {
  for (const RouteHost& host : route.hosts) {
    if (is_local(host.dns)) return {true, host.dns};
    for (const RouteAddress& address : host.addresses)
      if (address.standing == Standing::unknown) return {true, address.cause};
  }
  return {};
}

}  // namespace mxhealth::forecast
