// Who may ask, and how often: basic authentication against bcrypt hashes, and a token bucket for everybody together.
// Belongs to the publishing loop; hashing runs on the worker. No sockets. A login that was found good is remembered by
// a keyed digest, so that a scraper costs one hash, not one each interval; one that was not is never remembered, and an
// unknown user costs as much as a known one. What can go wrong: more logins at once than kMaxChecks (503).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "model/secret.hpp"
#include "web/answer.hpp"
#include "web/protection.hpp"

namespace mxhealth::web {

inline constexpr std::size_t kMaxChecks = 16;       // hashes asked for at once
inline constexpr std::size_t kMaxRemembered = 128;  // good logins

struct Login {
  std::string user;
  Secret password;
};

/// From a header field Authorization of the scheme Basic (RFC 7617).
std::optional<Login> login_of(std::string_view authorization);

class Doorkeeper {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Work = std::function<void(std::function<void()>)>;  // runs it on the worker

  explicit Doorkeeper(Work work);

  void use(std::shared_ptr<const Protection> protection);
  const std::shared_ptr<const Protection>& protection() const { return protection_; }
  std::string_view header_fields() const { return header_fields_; }  // lines for every answer

  struct Decision {
    std::optional<Answer> answer;  // none: may pass. With `later`: not yet known, an answer of 200 is a yes
    std::string token;             // for remember(), if that yes comes
  };
  Decision decide(std::string_view authorization, Instant now);
  void remember(std::string token);

 private:
  bool take_token(Instant now);
  Decision check(const Login& login);
  std::string token_of(const Login& login, const Secret& hash) const;

  Work work_;
  std::shared_ptr<const Protection> protection_;
  std::string header_fields_;
  Secret costly_;  // the hash that an unknown user's password is compared with
  std::string key_;
  std::set<std::string> good_;
  std::deque<std::string> oldest_first_;
  std::shared_ptr<std::atomic<std::size_t>> under_way_ = std::make_shared<std::atomic<std::size_t>>(0);
  double tokens_ = 0;
  Instant refilled_{};
};

}  // namespace mxhealth::web
