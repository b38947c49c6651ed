// Whether this host can open connections on one port over one address family at all, from what its attempts show
// (design section 3): up if anybody's latest attempt connected, down only if two canaries or more failed and nobody
// connected. A failure is an address's own only where somebody else connected meanwhile. Pure; time is an argument.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "model/address.hpp"
#include "model/judgement.hpp"
#include "model/name.hpp"
#include "model/session_run.hpp"
#include "model/time.hpp"

namespace mxhealth::diagnosis {

/// What one attempt shows of egress.
enum class Dial : std::uint8_t {
  connected,
  failed,
  untried,  ///< no route of ours, or our own policy: that address can never testify
  nothing,  ///< other troubles of ours, such as too few descriptors: as if it had not been made
};
Dial dial_of(const SessionRun&, const std::optional<CauseFound>&);

/// A failure that a blocked egress can make: silence, refusal, reset, or a middlebox that answers and hangs up.
bool may_be_egress(Cause);

/// How a failure of an address is to be taken.
enum class Blame : std::uint8_t {
  own,      ///< as it is: somebody else connected, or there are no canaries to ask
  held,     ///< nobody knows yet
  blocked,  ///< egress is down: it says nothing about the address
};

class Egress {
 public:
  static constexpr std::size_t kWitnesses = 2;  // fewer canaries prove nothing by their failure

  std::optional<bool> up() const { return up_; }  ///< none before anything has been shown
  bool is_down() const { return up_ == false; }

  /// The canaries of this port that have or may have addresses of this family. Without a list: not looked up yet.
  using Canaries = std::map<ServerName, std::optional<std::vector<Address>>>;
  void set_canaries(Canaries canaries) { canaries_ = std::move(canaries); }
  std::size_t canaries() const;  ///< with an address that can testify
  std::size_t canaries_up(Mono now, Duration window) const;

  void note(const Address& address, Dial dial, Mono at);
  void forget(const Address& address);
  bool is_idle() const { return latest_.empty() && canaries_.empty(); }  ///< nobody shows anything, or ever will
  bool has_shown() const { return !latest_.empty() || canaries() > 0; }

  /// Until when the newest connect makes it up, whatever fails meanwhile.
  std::optional<Mono> proved_until(Duration window) const;

  /// Draws the conclusion anew from the attempts not older than `window`. True: it changed.
  bool judge(Mono now, Duration window);

  /// `since`: when the attempt began, or the failure before it in the row ended. While egress is down, a line that
  /// breaks in the middle of a session is blocked, too.
  Blame blame(Cause cause, const Address& failed, Mono since) const;
  /// The same of a failure that may_be_egress.
  Blame blame(const Address& failed, Mono since) const;

 private:
  struct Attempt {
    bool connected;
    Mono at;
  };
  bool lately(const Address& address, bool connected, Mono now, Duration window) const;
  bool can_testify(const std::optional<std::vector<Address>>& addresses) const;
  bool somebody_connected_since(Mono since, const Address& but) const;
  std::size_t witnesses() const;
  std::size_t failing_canaries(Mono now, Duration window) const;

  Canaries canaries_;
  std::map<Address, Attempt> latest_;
  std::set<Address> untried_;
  std::set<std::pair<Mono, Address>> connected_;  // those whose latest attempt did, by time
  std::optional<bool> up_;
};

}  // namespace mxhealth::diagnosis
