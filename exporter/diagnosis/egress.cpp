#include "diagnosis/egress.hpp"

#include <algorithm>

#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {

Dial dial_of(const SessionRun& run, const std::optional<CauseFound>& cause) {
  if (run.at(Phase::connect).completed) return Dial::connected;
  if (!cause || class_of(cause->cause) != CauseClass::local) return Dial::failed;
  return cause->cause == Cause::local_policy ? Dial::untried : Dial::nothing;
}

bool may_be_egress(Cause cause) {
  return class_of(cause) == CauseClass::no_answer || cause == Cause::connect_reset ||
         cause == Cause::closed_before_banner;
}

void Egress::note(const Address& address, Dial dial, Mono at) {
  if (dial == Dial::nothing) return;
  forget(address);
  if (dial == Dial::untried) {
    untried_.insert(address);
    return;
  }
  const bool connected = dial == Dial::connected;
  latest_.emplace(address, Attempt{connected, at});
  if (connected) connected_.emplace(at, address);
}

void Egress::forget(const Address& address) {
  untried_.erase(address);
  const auto known = latest_.find(address);
  if (known == latest_.end()) return;
  connected_.erase({known->second.at, address});
  latest_.erase(known);
}

std::optional<Mono> Egress::proved_until(Duration window) const {
  return connected_.empty() ? std::nullopt : std::optional(connected_.rbegin()->first + window);
}

bool Egress::judge(Mono now, Duration window) {
  const std::optional<bool> before = up_;
  if (const auto until = proved_until(window); until && now <= *until)
    up_ = true;
  else if (failing_canaries(now, window) >= kWitnesses)
    up_ = false;
  else if (up_ == false && witnesses() < kWitnesses)
    up_.reset();  // nobody is left who could say so
  return up_ != before;
}

Blame Egress::blame(Cause cause, const Address& failed, Mono since) const {
  const bool line_broke = is_down() && class_of(cause) == CauseClass::bad_connection;
  return may_be_egress(cause) || line_broke ? blame(failed, since) : Blame::own;
}

Blame Egress::blame(const Address& failed, Mono since) const {
  if (is_down()) return Blame::blocked;
  if (witnesses() < kWitnesses || somebody_connected_since(since, failed)) return Blame::own;
  return Blame::held;
}

bool Egress::somebody_connected_since(Mono since, const Address& but) const {
  for (auto one = connected_.rbegin(); one != connected_.rend() && one->first >= since; ++one)
    if (one->second != but) return true;
  return false;
}

bool Egress::can_testify(const std::optional<std::vector<Address>>& addresses) const {
  return addresses && std::ranges::any_of(*addresses, [this](const Address& a) { return !untried_.contains(a); });
}

std::size_t Egress::canaries() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(canaries_, [this](const auto& canary) { return can_testify(canary.second); }));
}

// Who is still being looked up may turn out to be one.
std::size_t Egress::witnesses() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      canaries_, [this](const auto& canary) { return !canary.second || can_testify(canary.second); }));
}

bool Egress::lately(const Address& address, bool connected, Mono now, Duration window) const {
  const auto known = latest_.find(address);
  return known != latest_.end() && known->second.connected == connected && now - known->second.at <= window;
}

std::size_t Egress::canaries_up(Mono now, Duration window) const {
  const auto connected = [&](const Address& address) { return lately(address, true, now, window); };
  return static_cast<std::size_t>(std::ranges::count_if(
      canaries_, [&](const auto& canary) { return canary.second && std::ranges::any_of(*canary.second, connected); }));
}

// Addresses that were not tried lately say nothing.
std::size_t Egress::failing_canaries(Mono now, Duration window) const {
  const auto failed = [&](const Address& address) { return lately(address, false, now, window); };
  const auto connected = [&](const Address& address) { return lately(address, true, now, window); };
  return static_cast<std::size_t>(std::ranges::count_if(canaries_, [&](const auto& canary) {
    return canary.second && std::ranges::any_of(*canary.second, failed) &&
           std::ranges::none_of(*canary.second, connected);
  }));
}

}  // namespace mxhealth::diagnosis
