#include "web/doorkeeper.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "web/passwords.hpp"
#include "web/response.hpp"

namespace mxhealth::web {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::string_view kScheme = "basic ";

Answer unauthorized() {
  Answer made = text_answer(401, "Unauthorized\n");
  made.fields.emplace_back("WWW-Authenticate", R"(Basic realm="mxhealth_exporter", charset="UTF-8")");
  return made;
}

std::optional<std::string> from_base64(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
  };
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  if (!std::ranges::all_of(text.substr(0, text.size() - padding), is_digit)) return std::nullopt;
  std::string octets(text.size() / 4 * 3, '\0');
  const int size =
      ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  octets.resize(static_cast<std::size_t>(size) - padding);
  return octets;
}

bool has_scheme(std::string_view authorization) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  return authorization.size() >= kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), authorization.begin(), [&](char b, char a) { return same(a, b); });
}

}  // namespace

std::optional<Login> login_of(std::string_view authorization) {
  if (!has_scheme(authorization)) return std::nullopt;
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' ', kScheme.size()), authorization.size()));
  const auto pair = from_base64(authorization);
  if (!pair) return std::nullopt;
  const auto colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Login{pair->substr(0, colon), Secret(pair->substr(colon + 1))};
}

Doorkeeper::Doorkeeper(Work work) : work_(std::move(work)), key_(kKeySize, '\0') {
  if (!work_) work_ = [](const std::function<void()>& job) { job(); };
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), static_cast<int>(key_.size())) != 1)
    throw std::runtime_error("no randomness");
  use(std::make_shared<const Protection>());
}

void Doorkeeper::use(std::shared_ptr<const Protection> protection) {
  const config::WebConfig& web = protection->config;
  const bool new_limit = !protection_ || protection_->config.rate_limit != web.rate_limit;
  if (new_limit) tokens_ = web.rate_limit.burst;
  header_fields_ = security_fields(web.headers);
  int most = 0;
  for (const auto& [name, hash] : web.users) {
    const int cost = config::bcrypt_cost(hash.reveal()).value_or(0);
    if (cost > most) costly_ = hash;
    most = std::max(most, cost);
  }
  protection_ = std::move(protection);
}

Doorkeeper::Decision Doorkeeper::decide(std::string_view authorization, Instant now) {
  const config::WebConfig& web = protection_->config;
  if (!take_token(now)) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(web.rate_limit.interval);
    return {come_again(429, "Too Many Requests\n", std::max<long>(wait.count(), 1)), {}};
  }
  if (web.users.empty()) return {};
  const auto login = login_of(authorization);
  if (!login) return {unauthorized(), {}};
  return check(*login);
}

bool Doorkeeper::take_token(Instant now) {
  const config::RateLimit& limit = protection_->config.rate_limit;
  if (limit.interval <= Duration::zero()) return true;
  const double passed = std::chrono::duration<double>(now - refilled_) / std::chrono::duration<double>(limit.interval);
  tokens_ = std::min<double>(limit.burst, tokens_ + std::max(0.0, passed));
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Doorkeeper::Decision Doorkeeper::check(const Login& login) {
  const auto& users = protection_->config.users;
  const auto found = users.find(login.user);
  const bool known = found != users.end();
  const Secret hash = known ? found->second : costly_;
  std::string token = token_of(login, hash);
  if (known && good_.contains(token)) return {};
  if (*under_way_ >= kMaxChecks) return {come_again(503, "too many logins at once\n", 1), {}};
  ++*under_way_;
  Decision decision{Answer{}, std::move(token)};
  decision.answer->later = [work = work_, count = under_way_, password = login.password, hash,
                            known](std::function<void(Answer)> deliver) {
    work([count, password, hash, known, deliver = std::move(deliver)] {
      const bool fits = password_fits(password, hash);  // also for a user who is not known: it takes as long
      --*count;
      deliver(fits && known ? text_answer(200, "") : unauthorized());
    });
  };
  return decision;
}

void Doorkeeper::remember(std::string token) {
  if (!good_.insert(token).second) return;
  oldest_first_.push_back(std::move(token));
  if (oldest_first_.size() <= kMaxRemembered) return;
  good_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

/// Says nothing about the password to whoever reads our memory without the key, and is another one for another hash.
std::string Doorkeeper::token_of(const Login& login, const Secret& hash) const {
  std::string text = login.user;
  text.append(1, '\0').append(hash.reveal()).append(1, '\0').append(login.password.reveal());
  std::string token(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  ::HMAC(::EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(token.data()), &size);
  token.resize(size);
  ::OPENSSL_cleanse(text.data(), text.size());
  return token;
}

}  // namespace mxhealth::web
