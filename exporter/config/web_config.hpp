// The file of --web.config.file, in the format that Prometheus' exporters share (tls_server_config, basic_auth_users,
// http_server_config, rate_limit). Only read and checked here; whether certificates and keys are good is found out by
// whoever loads them. Hashes and keys appear in no message.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.hpp"
#include "model/secret.hpp"
#include "model/time.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMaxPem = 256 * 1024;  // octets of a chain, a key or a set of authorities
inline constexpr int kMostBcryptCost = 16;          // some 4 s of a processor for every login that is not remembered

enum class ClientAuth : std::uint8_t { none, request, require_any, verify_if_given, require_and_verify };

/// Given as the name of a file, or written in this one.
struct Pem {
  std::filesystem::path file;
  Secret text;
  bool empty() const { return file.empty() && text.empty(); }
};

struct TlsServer {
  Pem cert;
  Pem key;
  Pem client_ca;
  ClientAuth client_auth = ClientAuth::none;
  std::vector<std::string> client_allowed_sans;
  int min_version = 0x0303;  // as on the wire: TLS 1.2
  int max_version = 0x0304;
  std::vector<std::string> cipher_suites;  // names of the IANA registry
  bool prefer_server_cipher_suites = true;
  std::vector<std::string> curves;  // as OpenSSL calls them
};

/// One request each `interval`, and `burst` of them at once. No interval: no limit.
struct RateLimit {
  Duration interval{};
  int burst = 20;
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct WebConfig {
  std::optional<TlsServer> tls;
  std::map<std::string, Secret> users;                            // bcrypt hashes by name
  std::vector<std::pair<std::string_view, std::string>> headers;  // of every answer
  RateLimit rate_limit;
};

struct LoadedWebConfig {
  std::optional<WebConfig> config;  // exactly when no problem is an error
  std::vector<Problem> problems;
};

LoadedWebConfig load_web_config(const std::filesystem::path& file);

/// The same for a text at hand. Files it names are not looked for; relative names are below `directory`.
LoadedWebConfig parse_web_config(std::string_view text, std::string file_name,
                                 const std::filesystem::path& directory = {});

/// The cost in a bcrypt hash: 10 of "$2y$10$...". Nothing: it is none.
std::optional<int> bcrypt_cost(std::string_view hash);

}  // namespace mxhealth::config
