#include "watch/errand.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/cause_of_errand.hpp"
#include "log/event.hpp"

namespace mxhealth::watch {
namespace {

// For SCRAM (RFC 5802 section 5.1): printable, and never the same again.
std::string fresh_nonce() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return {};
  std::string nonce;
  for (const unsigned char byte : random) nonce.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return nonce;
}

// Why a password was not shown to a server that speaks TLS. Where the session spoke to another name on the same
// address, a session of our own name will tell.
std::optional<CauseFound> distrust(const SessionRun& run, const ErrandSpec& spec) {
  if (!run.secure || !run.tls || spec.tls == TlsPolicy::required) return std::nullopt;
  auto cause = diagnosis::cause_of(run, TlsPolicy::verified, spec.server);
  const bool other_name = cause && cause->cause == Cause::cert_name_mismatch && run.tls->sni != spec.server;
  return other_name ? std::nullopt : cause;
}

}  // namespace

void Errand::leave(Mono now) {
  away_ = true;
  last_try_ = now;
}

// A session that never got there leaves the errand due.
bool Errand::come_back(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings) {
  away_ = false;
  const Envelope* envelope = std::get_if<Envelope>(&spec_.wish);
  if (envelope == nullptr) return come_back_from_login(run, now, settings);
  const auto mine = std::ranges::find(run.envelopes, *envelope, &EnvelopeRun::envelope);
  return mine != run.envelopes.end() && observe(diagnosis::result_of(*mine, run), now, settings);
}

bool Errand::come_back_from_login(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings) {
  if (!run.auth) {
    auto cause = distrust(run, spec_);
    return cause && observe({std::move(cause), 0, {}}, now, settings);
  }
  auto met = diagnosis::result_of(*run.auth, run);
  count_rejection(met.cause);
  return observe(std::move(met), now, settings);
}

void Errand::count_rejection(const std::optional<CauseFound>& cause) {
  if (!cause) rejections_ = 0;
  if (!cause || cause->cause != Cause::auth_rejected || ++rejections_ < kMaxRejections) return;
  log::event(log::Level::warn, "login_stopped",
             {{"server", spec_.server.str()},
              {"refused_in_a_row", kMaxRejections},
              {"note", "not tried again before a reload, so that no account gets locked"}});
}

bool Errand::observe(diagnosis::ErrandResult met, Mono now, const diagnosis::ConfirmSettings& settings) {
  const diagnosis::Bearing bearing = confirmation_.observe(met.cause, now, settings);
  if (bearing == diagnosis::Bearing::unknown) return false;  // our own fault: due as before
  latest_ = met;
  if (bearing == diagnosis::Bearing::accept) result_ = std::move(met);
  const bool look_again = bearing == diagnosis::Bearing::keep_and_probe;
  due_ = now + (look_again ? settings.after : diagnosis::backoff(apart_, confirmation_.throttled_in_row()));
  return look_again;
}

Ride::Ride(std::vector<std::shared_ptr<Errand>> due, Mono now) {
  std::ranges::stable_sort(due, {}, &Errand::last_try);
  for (const auto& errand : due) {
    if (!has_room_for(*errand)) continue;
    errand->leave(now);
    riders_.push_back(errand);
  }
}

// Equal wishes share one answer.
bool Ride::has_room_for(const Errand& errand) {
  if (errand.login() != nullptr) {
    if (!login_) login_ = errand.spec();
    return *login_ == errand.spec();
  }
  const Envelope& wanted = std::get<Envelope>(errand.spec().wish);
  if (std::ranges::find(envelopes_, wanted) != envelopes_.end()) return true;
  if (envelopes_.size() >= smtp::kMaxEnvelopes) return false;
  envelopes_.push_back(wanted);
  return true;
}

void Ride::ask(smtp::DialoguePlan& plan) const {
  plan.envelopes = envelopes_;
  if (!login_) return;
  const auto trust = login_->tls == TlsPolicy::required ? smtp::Trust::encrypted : smtp::Trust::verified;
  plan.auth = smtp::AuthPlan{
      .login = std::get<Login>(login_->wish), .trust = trust, .server = login_->server, .nonce = fresh_nonce()};
}

bool Ride::take(const SessionRun& run, Mono now, const diagnosis::ConfirmSettings& settings) {
  bool look_again = false;
  for (const auto& errand : riders_) look_again = errand->come_back(run, now, settings) || look_again;
  return look_again;
}

}  // namespace mxhealth::watch
