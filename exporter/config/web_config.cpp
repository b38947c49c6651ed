#include "config/web_config.hpp"

#include <algorithm>
#include <utility>

#include "config/small_file.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;
using Directory = std::filesystem::path;

constexpr std::size_t kMaxNames = 100;

constexpr Choice<ClientAuth> kClientAuth[] = {
    {"NoClientCert", ClientAuth::none},
    {"RequestClientCert", ClientAuth::request},
    {"RequireAnyClientCert", ClientAuth::require_any},
    {"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
    {"RequireAndVerifyClientCert", ClientAuth::require_and_verify},
};

constexpr Choice<int> kVersions[] = {{"TLS10", 0x0301}, {"TLS11", 0x0302}, {"TLS12", 0x0303}, {"TLS13", 0x0304}};
constexpr Choice<std::string_view> kCurves[] = {
    {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};
constexpr Choice<std::string_view> kFrameOptions[] = {{"", ""}, {"deny", "deny"}, {"sameorigin", "sameorigin"}};
constexpr Choice<std::string_view> kContentTypeOptions[] = {{"", ""}, {"nosniff", "nosniff"}};

std::optional<std::string> cipher_suite(const Field& field) {
  const bool word = field.is(Node::Kind::scalar) && is_identifier(field.node().text);
  if (word && field.node().text.starts_with("TLS_")) return field.node().text;
  field.error("not a cipher suite", "a name such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  return std::nullopt;
}

/// A certificate or key: a file beside this one, or inside it. Says nothing about what was found: it may be a secret.
Pem pem(const Section& section, const std::string& key, const Directory& directory) {
  Pem found;
  std::string file;
  if (section.read(key + "_file", file, file_name)) found.file = directory / file;
  const Field* field = section.get(key);
  if (field == nullptr) return found;
  const std::string& inside = field->node().text;
  const bool fits =
      field->is(Node::Kind::scalar) && inside.size() <= kMaxPem && inside.find("-----BEGIN ") != inside.npos;
  if (!fits) field->fault("not in PEM form", "-----BEGIN ...");
  if (section.get(key + "_file") != nullptr)
    field->error_at_key("both " + key + " and " + key + "_file", "one of them");
  found.text = Secret(inside);
  return found;
}

void check_pair(const Section& section) {
  const auto given = [&](std::string_view key) {
    return section.get(key) != nullptr || section.get(std::string(key) + "_file") != nullptr;
  };
  if (!given("cert")) section.field().fault("cert_file is missing", "cert_file: FILE");
  if (!given("key")) section.field().fault("key_file is missing", "key_file: FILE");
}

void read_client_auth(const Section& section, TlsServer& tls) {
  section.read("client_auth_type", tls.client_auth, one_of(kClientAuth));
  section.read("client_allowed_sans", tls.client_allowed_sans, ListOf{text, 0, kMaxNames});
  const bool authority = section.get("client_ca") != nullptr || section.get("client_ca_file") != nullptr;
  const bool verifies =
      tls.client_auth == ClientAuth::verify_if_given || tls.client_auth == ClientAuth::require_and_verify;
  const bool requires_one =
      tls.client_auth == ClientAuth::require_any || tls.client_auth == ClientAuth::require_and_verify;
  const Field* type = section.get("client_auth_type");
  if (verifies && !authority) type->error("no authority to verify clients with", "client_ca_file beside it");
  if (authority && tls.client_auth == ClientAuth::none) {
    section.field().fault("client_ca_file is not used", "client_auth_type: RequireAndVerifyClientCert beside it");
  }
  if (!tls.client_allowed_sans.empty() && !requires_one) {
    section.get("client_allowed_sans")
        ->fault("clients may come without a certificate", "client_auth_type: RequireAndVerifyClientCert beside it");
  }
}

std::optional<TlsServer> read_tls(const Field& field, const Directory& directory) {
  const auto section = Section::open(field, {"cert", "key", "client_ca", "cert_file", "key_file", "client_ca_file",
                                             "client_auth_type", "client_allowed_sans", "min_version", "max_version",
                                             "cipher_suites", "prefer_server_cipher_suites", "curve_preferences"});
  if (!section) return std::nullopt;
  TlsServer tls;
  tls.cert = pem(*section, "cert", directory);
  tls.key = pem(*section, "key", directory);
  tls.client_ca = pem(*section, "client_ca", directory);
  check_pair(*section);
  read_client_auth(*section, tls);
  std::vector<std::string_view> curves;
  section->read("min_version", tls.min_version, one_of(kVersions));
  section->read("max_version", tls.max_version, one_of(kVersions));
  section->read("prefer_server_cipher_suites", tls.prefer_server_cipher_suites, boolean);
  section->read("cipher_suites", tls.cipher_suites, ListOf{cipher_suite, 0, kMaxNames});
  section->read("curve_preferences", curves, ListOf{one_of(kCurves)});
  tls.curves.assign(curves.begin(), curves.end());
  if (tls.min_version > tls.max_version) field.fault("min_version is above max_version");
  return tls;
}

/// What may stand in a header field: it ends with its line.
std::optional<std::string> header_value(const Field& field) {
  auto value = text(field);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (!value || std::ranges::none_of(*value, is_control)) return value;
  field.fault("a control character in a header field");
  return std::nullopt;
}

void read_headers(const Field& field, WebConfig& web) {
  static constexpr std::string_view kFree[] = {"Content-Security-Policy", "X-XSS-Protection",
                                               "Strict-Transport-Security"};
  const auto section =
      Section::open(field, {kFree[0], "X-Frame-Options", "X-Content-Type-Options", kFree[1], kFree[2]});
  if (!section) return;
  for (const std::string_view key : kFree) {
    std::string value;
    if (section->read(key, value, header_value) && !value.empty()) web.headers.emplace_back(key, std::move(value));
  }
  std::string_view option;
  if (section->read("X-Frame-Options", option, one_of(kFrameOptions)) && !option.empty())
    web.headers.emplace_back("X-Frame-Options", option);
  if (section->read("X-Content-Type-Options", option, one_of(kContentTypeOptions)) && !option.empty())
    web.headers.emplace_back("X-Content-Type-Options", option);
}

void read_http(const Field& field, WebConfig& web) {
  const auto section = Section::open(field, {"http2", "headers"});
  if (!section) return;
  bool http2 = false;
  if (section->read("http2", http2, boolean) && http2) {
    section->get("http2")->warn("HTTP/2 is not spoken here; HTTP/1.1 is");
  }
  if (const Field* headers = section->get("headers")) read_headers(*headers, web);
}

void read_users(const Field& field, WebConfig& web) {
  if (!field.is(Node::Kind::map)) return field.fault("not a map", "USER: HASH");  // what was found may be a hash
  const auto users = field.members();
  if (!users) return;
  for (const Field& user : *users) {
    const std::string& user_name = user.node().key;
    if (user_name.empty() || user_name.find(':') != std::string::npos) {  // RFC 7617 section 2
      user.error_at_key("not a user name", "a name without a colon");
    }
    const auto cost = user.is(Node::Kind::scalar) ? bcrypt_cost(user.node().text) : std::nullopt;
    if (!cost) user.fault("not a bcrypt hash", "$2y$10$ and 53 more characters");
    if (cost && *cost > kMostBcryptCost) {
      user.fault("a cost of " + std::to_string(*cost) + " would keep everybody waiting for each login",
                 "a cost of at most " + std::to_string(kMostBcryptCost));
    }
    web.users.emplace(user_name, Secret(user.node().text));
  }
}

void read_rate_limit(const Field& field, RateLimit& limit) {
  const auto section = Section::open(field, {"interval", "burst"});
  if (!section) return;
  section->read("interval", limit.interval, DurationIn{0s, 1h});
  section->read("burst", limit.burst, IntegerIn{0, 1'000'000});
  if (limit.interval > Duration::zero() && limit.burst == 0) {
    field.fault("a burst of 0 lets no request pass", "burst: 1 or more");
  }
}

void read_root(const Field& root, const Directory& directory, WebConfig& web) {
  const auto section =
      Section::open(root, {"tls_server_config", "basic_auth_users", "http_server_config", "rate_limit"});
  if (!section) return;
  if (const Field* f = section->get("tls_server_config")) web.tls = read_tls(*f, directory);
  if (const Field* f = section->get("basic_auth_users")) read_users(*f, web);
  if (const Field* f = section->get("http_server_config")) read_http(*f, web);
  if (const Field* f = section->get("rate_limit")) read_rate_limit(*f, web.rate_limit);
}

}  // namespace

LoadedWebConfig load_web_config(const std::filesystem::path& file) {
  const auto text = read_small_file(file, kMaxFile);
  if (const auto* unreadable = std::get_if<Unreadable>(&text)) {
    return {{}, {{Severity::error, file.string(), 0, 0, "", unreadable->why, "", ""}}};
  }
  return parse_web_config(std::get<std::string>(text), file.string(), file.parent_path());
}

LoadedWebConfig parse_web_config(std::string_view text, std::string file_name, const Directory& directory) {
  Report report(std::move(file_name));
  LoadedWebConfig loaded;
  WebConfig web;
  const auto document = read_document(text);
  if (const auto* broken = std::get_if<Broken>(&document)) {
    report.add({Severity::error, "", broken->line, broken->column, "", broken->message, "", ""});
  } else if (const Node& root = std::get<Node>(document);
             root.kind != Node::Kind::null) {  // an empty file asks nothing
    read_root(Field(root, "", report), directory, web);
  }
  loaded.problems = report.take();
  if (!has_errors(loaded.problems)) loaded.config = std::move(web);
  return loaded;
}

/// $2a$10$ and 53 characters of bcrypt's own base64: 22 of salt, 31 of hash.
std::optional<int> bcrypt_cost(std::string_view hash) {
  constexpr std::size_t kPrefix = 7;
  constexpr std::size_t kLength = 60;
  if (hash.size() != kLength || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return std::nullopt;
  if (std::string_view("abxy").find(hash[2]) == std::string_view::npos) return std::nullopt;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(hash[4]) || !digit(hash[5])) return std::nullopt;
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  const auto fits = [&](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
  };
  if (cost < 4 || cost > 31 || !std::ranges::all_of(hash.substr(kPrefix), fits)) return std::nullopt;
  return cost;
}

}  // namespace mxhealth::config
