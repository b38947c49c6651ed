#include "smtp/scram.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>

#include "smtp/base64.hpp"

namespace mxhealth::smtp {
namespace {

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hmac(std::string_view key, std::string_view message) {
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(message), message.size(), bytes(mac), &size);
  return mac;
}

std::string hash(std::string_view message) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytes(message), message.size(), bytes(digest));
  return digest;
}

// RFC 5802 calls it Hi(): PBKDF2 with HMAC.
std::string derived_key(const std::string& password, std::string_view salt, unsigned iterations) {
  std::string key(SHA256_DIGEST_LENGTH, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt), static_cast<int>(salt.size()),
                    static_cast<int>(iterations), EVP_sha256(), static_cast<int>(key.size()), bytes(key));
  return key;
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

// A comma and an equals sign would end the name (RFC 5802 section 5.1).
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ',')
      text += "=2C";
    else if (c == '=')
      text += "=3D";
    else
      text += c;
  }
  return text;
}

// Cuts "r=value" off the front of a message.
std::optional<std::string_view> attribute(std::string_view& message, char name) {
  if (message.size() < 2 || message[0] != name || message[1] != '=') return std::nullopt;
  const std::size_t end = std::min(message.find(','), message.size());
  const std::string_view value = message.substr(2, end - 2);
  message.remove_prefix(std::min(message.size(), end + 1));
  return value;
}

struct Challenge {
  std::string nonce;
  std::string salt;
  unsigned iterations = 0;
};

// Extensions behind the count may follow (section 5.1); a mandatory one, `m=`, comes first and is nothing we know.
std::optional<Challenge> read(std::string_view message) {
  const auto nonce = attribute(message, 'r');
  const auto salt = attribute(message, 's');
  const auto count = attribute(message, 'i');
  if (!nonce || !salt || !count || nonce->size() > kMaxScramNonce) return std::nullopt;
  auto salt_bytes = from_base64(*salt);
  if (!salt_bytes || salt_bytes->empty() || salt_bytes->size() > kMaxScramSalt) return std::nullopt;
  Challenge challenge{std::string(*nonce), *std::move(salt_bytes), 0};
  const auto [end, error] = std::from_chars(count->data(), count->data() + count->size(), challenge.iterations);
  const bool number = error == std::errc{} && end == count->data() + count->size();
  if (!number || challenge.iterations == 0 || challenge.iterations > kMaxScramIterations) return std::nullopt;
  return challenge;
}

}  // namespace

Scram::Scram(const Login& login, std::string nonce)
    : password_(login.password),
      nonce_(std::move(nonce)),
      client_first_bare_("n=" + escaped(login.user) + ",r=" + nonce_) {}

std::optional<std::string> Scram::client_final(std::string_view server_first) {
  const auto challenge = read(server_first);
  if (!challenge) return std::nullopt;
  if (!challenge->nonce.starts_with(nonce_) || challenge->nonce.size() == nonce_.size()) return std::nullopt;
  const std::string without_proof = "c=biws,r=" + challenge->nonce;  // "n,," in base64: no channel binding
  const std::string message = client_first_bare_ + "," + std::string(server_first) + "," + without_proof;
  const std::string salted = derived_key(password_.reveal(), challenge->salt, challenge->iterations);
  const std::string client_key = hmac(salted, "Client Key");
  const std::string proof = exclusive_or(client_key, hmac(hash(client_key), message));
  server_signature_ = to_base64(hmac(hmac(salted, "Server Key"), message));
  return without_proof + ",p=" + to_base64(proof);
}

bool Scram::verify(std::string_view server_final) const {
  const auto signature = attribute(server_final, 'v');
  if (!signature || server_signature_.empty() || signature->size() != server_signature_.size()) return false;
  return CRYPTO_memcmp(signature->data(), server_signature_.data(), server_signature_.size()) == 0;
}

}  // namespace mxhealth::smtp
