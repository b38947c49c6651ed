// What a target wants to be done behind EHLO once in a while, and what came of it. An errand rides in a routine session
// of whichever address of its server comes first; its result counts for the server. It starts nothing itself.
// Confirmed like everything else (diagnosis/confirm): what the server said counts at once, a lost connection after it
// has been seen again; greylisting and throttling keep what was known and make the errand rarer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "diagnosis/confirm.hpp"
#include "diagnosis/standing.hpp"
#include "model/errand.hpp"
#include "model/name.hpp"
#include "model/phase.hpp"
#include "model/session_run.hpp"
#include "model/time.hpp"
#include "smtp/dialogue.hpp"

namespace mxhealth::watch {

/// The least time between two errands of one target and module (design section 2): each shows in somebody's log.
inline constexpr Duration kErrandsApart = std::chrono::minutes(5);

/// A login is refused so often in a row and no more: accounts get locked. A reload begins anew.
inline constexpr unsigned kMaxRejections = 3;

struct ErrandSpec {
  ServerName server;
  std::variant<Envelope, Login> wish;
  TlsPolicy tls = TlsPolicy::opportunistic;  ///< of the module: decides to whom a password is shown
  friend bool operator==(const ErrandSpec&, const ErrandSpec&) = default;
};

class Errand {
 public:
  Errand(ErrandSpec spec, Duration apart) : spec_(std::move(spec)), apart_(apart) {}

  const ErrandSpec& spec() const { return spec_; }
  const Login* login() const { return std::get_if<Login>(&spec_.wish); }
  bool is_due(Mono now) const { return !away_ && rejections_ < kMaxRejections && now >= due_; }
  Mono last_try() const { return last_try_; }

  /// What was too much before a reload may be tried again.
  void forgive() { rejections_ = 0; }

  /// None before the first that counts.
  const std::optional<diagnosis::ErrandResult>& result() const { return result_; }
  const std::optional<diagnosis::ErrandResult>& latest() const { return latest_; }  ///< whether it counts or not

 private:
  friend class Ride;
  void leave(Mono now);
  bool come_back(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings);
  bool come_back_from_login(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings);
  void count_rejection(const std::optional<CauseFound>& cause);
  bool observe(diagnosis::ErrandResult met, Mono now, const diagnosis::ConfirmSettings& settings);

  ErrandSpec spec_;
  Duration apart_;
  Mono due_ = Mono::min();
  Mono last_try_ = Mono::min();
  bool away_ = false;
  unsigned rejections_ = 0;
  diagnosis::Confirmation confirmation_;
  std::optional<diagnosis::ErrandResult> result_;
  std::optional<diagnosis::ErrandResult> latest_;
};

/// The errands that ride in one session: what they ask of its dialogue, and each told what came of it.
class Ride {
 public:
  /// Takes along as many of those that are due as one session may hold, the longest waiting first: kMaxEnvelopes, and
  /// one login.
  Ride(std::vector<std::shared_ptr<Errand>> due, Mono now);

  void ask(smtp::DialoguePlan& plan) const;

  /// To be called however the session ended. True: one of them wants a second look soon.
  bool take(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings);

 private:
  bool has_room_for(const Errand& errand);

  std::vector<std::shared_ptr<Errand>> riders_;
  std::vector<Envelope> envelopes_;
  std::optional<ErrandSpec> login_;
};

}  // namespace mxhealth::watch
