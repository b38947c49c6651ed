#include <algorithm>
#include <map>

#include "forecast/forecast.hpp"
#include "forecast/guess.hpp"
#include "forecast/sender.hpp"

namespace mxhealth::forecast {
namespace {

struct Row {
  Sender sender;
  Endings (*endings)(const Route&);
};
constexpr Row kSenders[] = {
    {Sender::postfix, postfix_endings},
    {Sender::exim, exim_endings},
};

constexpr double kNoise = 1e-9;  // of sums: shares this near are equal

Forecast likeliest(Sender sender, const Endings& endings) {
  std::map<DeliveryOutcome, double> outcomes;
  std::map<std::pair<DeliveryOutcome, std::string>, double> statuses;
  for (const Ending& ending : endings) {
    outcomes[ending.outcome] += ending.share;
    statuses[{ending.outcome, ending.status}] += ending.share;
  }
  Forecast best{.sender = sender, .outcome = DeliveryOutcome::deliver, .enhanced_status = {}};
  double most = 0;
  for (const auto& [outcome, share] : outcomes)  // from good to bad
    if (share >= most - kNoise) best.outcome = outcome, most = share;
  most = 0;
  for (const Ending& ending : endings) {  // of a tie the later, as domain_cause has it
    const double share = statuses[{ending.outcome, ending.status}];
    if (ending.outcome == best.outcome && share >= most - kNoise) best.enhanced_status = ending.status, most = share;
  }
  return best;
}

// What an address said last counts, though its state is an older one.
Route as_of_now(Route route) {
  for (RouteHost& host : route.hosts) {
    for (RouteAddress& address : host.addresses) {
      if (!address.now) continue;
      address.standing = Standing::failing;
      address.cause = address.now;
    }
  }
  return route;
}

std::string logged_status(const RouteAddress& failing, char status_class) {
  std::string status = failing.reply_status;
  if (status.empty()) status = failing.cause ? failing.cause->enhanced_status : "X.0.0";
  if (status != "other") status.front() = status_class;
  return status;
}

}  // namespace

Ending failed(const CauseFound& cause) {
  const bool may_pass = cause.enhanced_status.starts_with('4');
  return {may_pass ? DeliveryOutcome::defer : DeliveryOutcome::bounce, cause.enhanced_status, 1};
}

Ending deferred(const RouteAddress& failing, double share) {
  return {DeliveryOutcome::defer, logged_status(failing, '4'), share};
}
Ending bounced(const RouteAddress& failing, double share) {
  return {DeliveryOutcome::bounce, logged_status(failing, '5'), share};
}

std::optional<Forecast> forecast(const Route& route, Sender sender) {
  const auto row = std::ranges::find(kSenders, sender, &Row::sender);
  if (route.dns && class_of(route.dns->cause) == CauseClass::local) return std::nullopt;
  if (!route.dns && route.hosts.empty()) return std::nullopt;
  const Route now = as_of_now(route);
  if (!first_unknown(now).any) return likeliest(sender, row->endings(now));
  std::optional<Forecast> common;
  for (const Guess& guess : guesses()) {
    Forecast guessed = likeliest(sender, row->endings(as_if(now, guess)));
    if (!common) common = guessed;
    if (*common != guessed) return std::nullopt;
  }
  return common;
}

std::vector<Forecast> forecasts(const Route& route, std::span<const Sender> senders) {
  std::vector<Forecast> all;
  for (const Sender sender : senders)
    if (auto one = forecast(route, sender)) all.push_back(std::move(*one));
  return all;
}

}  // namespace mxhealth::forecast
