#include "lab/certs.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <random>
#include <stdexcept>

namespace mxhealth::lab {
namespace {

constexpr std::array<std::string_view, 27> kKinds{"good", "chained", "selfsigned", "expired", "not_yet_valid",
                                                  "wrong_name", "incomplete", "untrusted", "weak",
                                                  // what is wrong with the leaf
                                                  "unknown_root", "sha1", "md5", "no_san", "client_only", "authority",
                                                  "never_valid", "bad_signature", "critical_extension", "excluded_name",
                                                  // with what is above it
                                                  "expired_intermediate", "early_intermediate", "sha1_intermediate",
                                                  "weak_intermediate", "no_authority", "path_too_long",
                                                  // with how it is sent
                                                  "disordered", "surplus"};
constexpr std::time_t kDay = 86400;
constexpr std::time_t kJanuary2024 = 1704067200;

void must(bool success, const char* what) {
  if (!success) throw std::runtime_error(std::string("lab certificates: ") + what);
}

struct Validity {
  std::time_t from;
  std::time_t to;
};

Validity validity_of(std::string_view kind) {
  const std::time_t now = std::time(nullptr);
  if (kind == "expired") return {kJanuary2024, kJanuary2024 + 90 * kDay};
  if (kind == "not_yet_valid" || kind == "early_intermediate") return {now + 30 * kDay, now + 120 * kDay};
  if (kind == "expired_intermediate") return {kJanuary2024, kJanuary2024 + 90 * kDay};
  if (kind == "never_valid") return {now + 30 * kDay, now - 30 * kDay};
  return {now - kDay, now + 90 * kDay};
}

struct Request {
  std::string common_name;
  std::string alternative_names;  // as in openssl.cnf; empty for a CA
  std::string constraints = "critical,CA:FALSE";
  Validity validity{};
  EVP_PKEY* key = nullptr;
  const EVP_MD* digest = EVP_sha256();
  std::vector<std::pair<int, std::string>> extensions{};  // NID and value as in openssl.cnf
};

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
  X509_EXTENSION_free(extension);
}

void set_random_serial(X509* certificate) {
  static std::mt19937_64 random{std::random_device{}()};
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), random() >> 1);
}

/// Signed by `signer`, whose certificate is `issuer` (null: by itself).
Certificate issue(const Request& request, X509* issuer, EVP_PKEY* signer) {
  Certificate certificate(X509_new());
  X509* const cert = certificate.get();
  X509* const parent = issuer == nullptr ? cert : issuer;
  X509_set_version(cert, X509_VERSION_3);
  set_random_serial(cert);
  ASN1_TIME_set(X509_getm_notBefore(cert), request.validity.from);
  ASN1_TIME_set(X509_getm_notAfter(cert), request.validity.to);
  X509_set_pubkey(cert, request.key);
  std::vector<unsigned char> name(request.common_name.begin(), request.common_name.end());
  name.resize(std::min<std::size_t>(name.size(), 64));  // ub-common-name, RFC 5280 appendix A.1
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8, name.data(),
                             static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(cert, X509_get_subject_name(parent));
  add_extension(cert, parent, NID_basic_constraints, request.constraints);
  add_extension(cert, parent, NID_subject_key_identifier, "hash");
  if (!request.alternative_names.empty()) add_extension(cert, parent, NID_subject_alt_name, request.alternative_names);
  for (const auto& [nid, value] : request.extensions) add_extension(cert, parent, nid, value);
  must(X509_sign(cert, signer, request.digest) > 0, "signing");
  return certificate;
}

Request authority_request(const std::string& name, EVP_PKEY* key) {
  Request request;
  request.common_name = name;
  request.constraints = "critical,CA:TRUE";
  request.validity = validity_of("good");
  request.key = key;
  return request;
}

Certificate issue_authority(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer) {
  return issue(authority_request(name, key), issuer, signer);
}

// The last octet of a certificate is its signature's.
Certificate with_a_wrong_signature(const Certificate& good) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(good.get(), &der);
  must(size > 0, "i2d_X509");
  der[size - 1] ^= 1;
  const unsigned char* at = der;
  Certificate broken(d2i_X509(nullptr, &at, size));
  OPENSSL_free(der);
  must(broken != nullptr, "d2i_X509");
  return broken;
}

bool is_below_intermediate(std::string_view kind) {
  constexpr std::array<std::string_view, 12> kBelow{
      "chained",           "incomplete",        "expired_intermediate", "early_intermediate",
      "sha1_intermediate", "weak_intermediate", "no_authority",         "path_too_long",
      "disordered",        "surplus",           "excluded_name",        "md5"};
  return std::find(kBelow.begin(), kBelow.end(), kind) != kBelow.end();
}

void make_odd(std::string_view kind, Request& request) {
  if (kind == "no_san") request.alternative_names.clear();
  if (kind == "sha1") request.digest = EVP_sha1();
  if (kind == "md5") request.digest = EVP_md5();
  if (kind == "authority") request.constraints = "critical,CA:TRUE";
  if (kind == "client_only") request.extensions.emplace_back(NID_ext_key_usage, "clientAuth");
  if (kind == "critical_extension") request.extensions.emplace_back(NID_netscape_comment, "critical,nobody knows this");
}

void make_odd_authority(std::string_view kind, Request& request) {
  request.validity = validity_of(kind);
  if (kind == "sha1_intermediate") request.digest = EVP_sha1();
  if (kind == "no_authority") request.constraints = "critical,CA:FALSE";
  if (kind == "path_too_long") request.constraints = "critical,CA:TRUE,pathlen:0";
  if (kind == "excluded_name")
    request.extensions.emplace_back(NID_name_constraints, "critical,permitted;DNS:elsewhere.invalid");
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  must(key != nullptr, "EC key");
  return key;
}

int protocol(std::string_view version) {
  if (version == "1.0") return TLS1_VERSION;
  if (version == "1.1") return TLS1_1_VERSION;
  return version == "1.2" ? TLS1_2_VERSION : 0;
}

}  // namespace

bool is_certificate_kind(std::string_view kind) {
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

Certificates::Certificates() : context_(SSL_CTX_new(TLS_server_method())), leaf_key_(make_key()), ca_key_(make_key()) {
  must(context_ != nullptr, "context");
  // The lab plays old servers too: TLS 1.0 needs security level 0 in OpenSSL 3.
  SSL_CTX_set_security_level(context_.get(), 0);
  must(SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0") == 1, "ciphers");
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  ca_.key = ca_key_.get();
  ca_.certificate = issue_authority("mxhealth lab CA", ca_.key, nullptr, ca_.key);
  write_ca_file();
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Certificates::write_ca_file() {
  std::string pattern = (std::filesystem::temp_directory_path() / "mxhealth-lab.XXXXXX").string();
  must(::mkdtemp(pattern.data()) != nullptr, "temporary directory");
  directory_ = pattern;
  ca_file_ = directory_ / "ca.pem";
  const std::unique_ptr<std::FILE, Freed<&std::fclose>> file(std::fopen(ca_file_.c_str(), "w"));
  must(file != nullptr && PEM_write_X509(file.get(), ca_.certificate.get()) == 1, "CA file");
}

const Certificates::Issuer& Certificates::intermediate(std::string_view kind) {
  Issuer& issuer = intermediates_[std::string(kind)];
  if (issuer.certificate == nullptr) {
    issuer.key = kind == "weak_intermediate" ? weak_key() : kind == "md5" ? rsa_key() : ca_.key;
    const std::string name = "mxhealth lab intermediate CA";
    Request request = authority_request(kind == "chained" ? name : name + " " + std::string(kind), issuer.key);
    make_odd_authority(kind, request);
    issuer.certificate = issue(request, ca_.certificate.get(), ca_.key);
  }
  return issuer;
}

const Certificates::Issuer& Certificates::stranger() {
  if (stranger_.certificate == nullptr) {
    stranger_.key = leaf_key_.get();
    stranger_.certificate = issue_authority("A CA nobody knows", stranger_.key, nullptr, stranger_.key);
  }
  return stranger_;
}

EVP_PKEY* Certificates::key(std::string_view kind) { return kind == "weak" ? weak_key() : leaf_key_.get(); }

// Elliptic keys know no MD5.
EVP_PKEY* Certificates::rsa_key() {
  if (rsa_key_ == nullptr) rsa_key_.reset(EVP_RSA_gen(2048));
  must(rsa_key_ != nullptr, "RSA key");
  return rsa_key_.get();
}

EVP_PKEY* Certificates::weak_key() {
  if (weak_key_ == nullptr) weak_key_.reset(EVP_RSA_gen(1024));
  must(weak_key_ != nullptr, "RSA key");
  return weak_key_.get();
}

const Identity& Certificates::identity(std::string_view kind, const std::string& host) {
  auto [entry, fresh] = identities_.try_emplace({std::string(kind), host});
  Identity& identity = entry->second;
  if (!fresh) return identity;
  Request request;
  request.common_name = kind == "wrong_name" ? "other.invalid" : host;
  request.alternative_names = kind == "wrong_name" ? "DNS:other.invalid" : "DNS:*.mx.lab.test,DNS:" + host;
  request.validity = validity_of(is_below_intermediate(kind) ? "good" : kind);
  request.key = key(kind);
  identity.key = request.key;
  make_odd(kind, request);
  if (kind == "selfsigned") {
    identity.leaf = issue(request, nullptr, request.key);
    return identity;
  }
  const bool of_stranger = kind == "untrusted" || kind == "unknown_root";
  const Issuer& issuer = is_below_intermediate(kind) ? intermediate(kind) : of_stranger ? stranger() : ca_;
  const Issuer* signer = &issuer;
  if (kind == "path_too_long") {  // one authority more than the first allows
    Issuer& second = intermediates_["below a path that ends"];
    second.key = ca_.key;
    if (second.certificate == nullptr)
      second.certificate = issue_authority("mxhealth lab second CA", ca_.key, issuer.certificate.get(), issuer.key);
    signer = &second;
    identity.chain.push_back(second.certificate.get());
  }
  identity.leaf = issue(request, signer->certificate.get(), signer->key);
  if (kind == "bad_signature") identity.leaf = with_a_wrong_signature(identity.leaf);
  if (kind == "disordered") identity.chain.push_back(ca_.certificate.get());
  if ((is_below_intermediate(kind) && kind != "incomplete") || kind == "unknown_root")
    identity.chain.push_back(issuer.certificate.get());
  if (kind == "surplus") identity.chain.push_back(stranger().certificate.get());
  return identity;
}

std::string Certificates::tlsa(std::string_view fields, std::string_view kind, const std::string& host) {
  must(fields.size() == 5 && fields[1] == '.' && fields[3] == '.', "TLSA fields");
  X509* const of = fields[0] == '2' ? ca_.certificate.get() : identity(kind, host).leaf.get();
  unsigned char* der = nullptr;
  const int size = fields[2] == '0' ? i2d_X509(of, &der) : i2d_PUBKEY(X509_get0_pubkey(of), &der);
  must(size > 0, "TLSA");
  std::vector<unsigned char> data(der, der + size);
  OPENSSL_free(der);
  if (fields[4] != '0') {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    const EVP_MD* const method = fields[4] == '1' ? EVP_sha256() : EVP_sha512();
    must(EVP_Digest(data.data(), data.size(), digest.data(), &length, method, nullptr) == 1, "digest");
    data.assign(digest.begin(), digest.begin() + length);
  }
  std::string text;
  for (const unsigned char octet : data) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 15];
  }
  return text;
}

Tls Certificates::accept(std::string_view kind, const std::string& host, std::string_view min, std::string_view max) {
  const Identity& shown = identity(kind, host);
  Tls tls(SSL_new(context_.get()));
  must(tls != nullptr, "SSL_new");
  must(SSL_use_certificate(tls.get(), shown.leaf.get()) == 1, "certificate");
  must(SSL_use_PrivateKey(tls.get(), shown.key) == 1, "key");
  for (X509* link : shown.chain) must(SSL_add1_chain_cert(tls.get(), link) == 1, "chain");
  if (!min.empty()) SSL_set_min_proto_version(tls.get(), protocol(min));
  if (!max.empty()) SSL_set_max_proto_version(tls.get(), protocol(max));
  SSL_set_accept_state(tls.get());
  return tls;
}

}  // namespace mxhealth::lab
