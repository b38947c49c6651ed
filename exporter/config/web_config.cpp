#include "config/web_config.hpp"

#include <algorithm>
#include <utility>

#include "config/small_file.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxPem = 256 * 1024;  // a certificate chain, a key or a set of authorities, written in the file
constexpr std::size_t kMaxNames = 100;

enum class ClientAuth : std::uint8_t { none, request, require_any, verify_if_given, require_and_verify };
constexpr Choice<ClientAuth> kClientAuth[] = {
    {"NoClientCert", ClientAuth::none},
    {"RequestClientCert", ClientAuth::request},
    {"RequireAnyClientCert", ClientAuth::require_any},
    {"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
    {"RequireAndVerifyClientCert", ClientAuth::require_and_verify},
};

constexpr Choice<int> kVersions[] = {{"TLS10", 10}, {"TLS11", 11}, {"TLS12", 12}, {"TLS13", 13}};
constexpr Choice<int> kCurves[] = {{"CurveP256", 0}, {"CurveP384", 1}, {"CurveP521", 2}, {"X25519", 3}};
constexpr Choice<int> kFrameOptions[] = {{"", 0}, {"deny", 1}, {"sameorigin", 2}};
constexpr Choice<int> kContentTypeOptions[] = {{"", 0}, {"nosniff", 1}};

std::optional<std::string> cipher_suite(const Field& field) {
  const bool word = field.is(Node::Kind::scalar) && is_identifier(field.node().text);
  if (word && field.node().text.starts_with("TLS_")) return field.node().text;
  field.error("not a cipher suite", "a name such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  return std::nullopt;
}

/// A certificate or key inside the file. Says nothing about what was found: it may be a secret.
void check_pem(const Section& section, std::string_view key) {
  const Field* field = section.get(key);
  if (field == nullptr) return;
  const std::string& pem = field->node().text;
  const bool fits = field->is(Node::Kind::scalar) && pem.size() <= kMaxPem && pem.find("-----BEGIN ") != pem.npos;
  if (!fits) field->fault("not in PEM form", "-----BEGIN ...");
  const std::string file_key = std::string(key) + "_file";
  if (section.get(file_key) != nullptr)
    field->error_at_key("both " + std::string(key) + " and " + file_key, "one of them");
}

void check_pair(const Section& section) {
  const auto given = [&](std::string_view key) {
    return section.get(key) != nullptr || section.get(std::string(key) + "_file") != nullptr;
  };
  if (!given("cert")) section.field().fault("cert_file is missing", "cert_file: FILE");
  if (!given("key")) section.field().fault("key_file is missing", "key_file: FILE");
}

void check_client_auth(const Section& section) {
  auto auth = ClientAuth::none;
  std::vector<std::string> sans;
  section.read("client_auth_type", auth, one_of(kClientAuth));
  section.read("client_allowed_sans", sans, ListOf{text, 0, kMaxNames});
  const bool authority = section.get("client_ca") != nullptr || section.get("client_ca_file") != nullptr;
  const bool verifies = auth == ClientAuth::verify_if_given || auth == ClientAuth::require_and_verify;
  const bool requires_one = auth == ClientAuth::require_any || auth == ClientAuth::require_and_verify;
  const Field* type = section.get("client_auth_type");
  if (verifies && !authority) type->error("no authority to verify clients with", "client_ca_file beside it");
  if (authority && auth == ClientAuth::none) {
    section.field().fault("client_ca_file is not used", "client_auth_type: RequireAndVerifyClientCert beside it");
  }
  if (!sans.empty() && !requires_one) {
    section.get("client_allowed_sans")
        ->fault("clients may come without a certificate", "client_auth_type: RequireAndVerifyClientCert beside it");
  }
}

void check_tls(const Field& field) {
  const auto section = Section::open(field, {"cert", "key", "client_ca", "cert_file", "key_file", "client_ca_file",
                                             "client_auth_type", "client_allowed_sans", "min_version", "max_version",
                                             "cipher_suites", "prefer_server_cipher_suites", "curve_preferences"});
  if (!section) return;
  std::string file;
  for (const std::string_view key : {"cert_file", "key_file", "client_ca_file"}) section->read(key, file, file_name);
  for (const std::string_view key : {"cert", "key", "client_ca"}) check_pem(*section, key);
  check_pair(*section);
  check_client_auth(*section);
  int least = 12;
  int most = 13;
  bool prefer = true;
  std::vector<std::string> suites;
  std::vector<int> curves;
  section->read("min_version", least, one_of(kVersions));
  section->read("max_version", most, one_of(kVersions));
  section->read("prefer_server_cipher_suites", prefer, boolean);
  section->read("cipher_suites", suites, ListOf{cipher_suite, 0, kMaxNames});
  section->read("curve_preferences", curves, ListOf{one_of(kCurves)});
  if (least > most) field.fault("min_version is above max_version");
  field.not_in_this_version();
}

void check_headers(const Field& field) {
  const auto section = Section::open(field, {"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options",
                                             "X-XSS-Protection", "Strict-Transport-Security"});
  if (!section) return;
  std::string value;
  int option = 0;
  for (const std::string_view key : {"Content-Security-Policy", "X-XSS-Protection", "Strict-Transport-Security"}) {
    section->read(key, value, text);
  }
  section->read("X-Frame-Options", option, one_of(kFrameOptions));
  section->read("X-Content-Type-Options", option, one_of(kContentTypeOptions));
  if (!field.node().children.empty()) field.not_in_this_version();
}

void check_http(const Field& field) {
  const auto section = Section::open(field, {"http2", "headers"});
  if (!section) return;
  bool http2 = false;
  if (section->read("http2", http2, boolean) && http2) {
    section->get("http2")->warn("HTTP/2 is not spoken here; HTTP/1.1 is");
  }
  if (const Field* headers = section->get("headers")) check_headers(*headers);
}

/// $2a$10$ and 53 characters of bcrypt's own base64: 22 of salt, 31 of hash.
bool is_bcrypt(std::string_view hash) {
  constexpr std::size_t kPrefix = 7;
  constexpr std::size_t kLength = 60;
  if (hash.size() != kLength || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return false;
  if (std::string_view("abxy").find(hash[2]) == std::string_view::npos) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(hash[4]) || !digit(hash[5])) return false;
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  const auto fits = [&](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
  };
  return cost >= 4 && cost <= 31 && std::ranges::all_of(hash.substr(kPrefix), fits);
}

void check_users(const Field& field) {
  if (!field.is(Node::Kind::map)) return field.fault("not a map", "USER: HASH");  // what was found may be a hash
  const auto users = field.members();
  if (!users) return;
  for (const Field& user : *users) {
    const std::string& user_name = user.node().key;
    if (user_name.empty() || user_name.find(':') != std::string::npos) {  // RFC 7617 section 2
      user.error_at_key("not a user name", "a name without a colon");
    }
    const bool hash = user.is(Node::Kind::scalar) && is_bcrypt(user.node().text);
    if (!hash) user.fault("not a bcrypt hash", "$2y$10$ and 53 more characters");
  }
  if (!field.node().children.empty()) field.not_in_this_version();
}

void check_rate_limit(const Field& field) {
  const auto section = Section::open(field, {"interval", "burst"});
  if (!section) return;
  Duration interval{};
  int burst = 0;
  section->read("interval", interval, DurationIn{0s, 1h});
  section->read("burst", burst, IntegerIn{0, 1'000'000});
  if (interval > Duration::zero()) field.not_in_this_version();
}

void check_root(const Field& root) {
  const auto section =
      Section::open(root, {"tls_server_config", "basic_auth_users", "http_server_config", "rate_limit"});
  if (!section) return;
  if (const Field* f = section->get("tls_server_config")) check_tls(*f);
  if (const Field* f = section->get("basic_auth_users")) check_users(*f);
  if (const Field* f = section->get("http_server_config")) check_http(*f);
  if (const Field* f = section->get("rate_limit")) check_rate_limit(*f);
}

}  // namespace

std::vector<Problem> check_web_config(const std::filesystem::path& file) {
  const auto text = read_small_file(file, kMaxFile);
  if (const auto* unreadable = std::get_if<Unreadable>(&text)) {
    return {{Severity::error, file.string(), 0, 0, "", unreadable->why, "", ""}};
  }
  return parse_web_config(std::get<std::string>(text), file.string());
}

std::vector<Problem> parse_web_config(std::string_view text, std::string file_name) {
  Report report(std::move(file_name));
  const auto document = read_document(text);
  if (const auto* broken = std::get_if<Broken>(&document)) {
    report.add({Severity::error, "", broken->line, broken->column, "", broken->message, "", ""});
    return report.take();
  }
  const Node& root = std::get<Node>(document);
  if (root.kind != Node::Kind::null) check_root(Field(root, "", report));  // an empty file changes nothing
  return report.take();
}

}  // namespace mxhealth::config
