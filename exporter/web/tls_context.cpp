#include "web/tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <variant>

#include "config/small_file.hpp"

namespace mxhealth::web {
namespace {

using config::ClientAuth;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

constexpr std::string_view kHttp = "http/1.1";
constexpr int kTls12 = 0x0303;
constexpr int kTls13 = 0x0304;

/// Thrown and caught in this file alone: each step has its own sentence for what is wrong.
struct Wrong {
  std::string what;
};

/// A PEM of the configuration, with the name by which a sentence calls it: "cert_file: a.pem" or "cert".
struct Source {
  std::string called;
  std::string text;

  Source(const config::Pem& pem, const std::string& key) : called(key), text(pem.text.reveal()) {
    if (pem.file.empty()) return;
    called = key + "_file: " + pem.file.string();
    auto read = config::read_small_file(pem.file, config::kMaxPem);
    if (const auto* unreadable = std::get_if<config::Unreadable>(&read)) throw Wrong{called + ": " + unreadable->why};
    text = std::get<std::string>(std::move(read));
    if (text.size() > config::kMaxPem) throw Wrong{called + ": is too long"};
  }

  Bio reader() const { return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }
};

/// A key that wants a password has none here; without this OpenSSL would ask at the terminal.
int no_password(char*, int, int, void*) { return 0; }

void use_chain(SSL_CTX* context, const Source& source) {
  const Bio bio = source.reader();
  const Certificate leaf(::PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr));
  if (!leaf) throw Wrong{source.called + ": holds no certificate in PEM form"};
  if (::SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    throw Wrong{source.called + ": OpenSSL does not take this certificate (a key or digest too weak?)"};
  }
  while (X509* const next = ::PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) {
    if (::SSL_CTX_add0_chain_cert(context, next) == 1) continue;
    ::X509_free(next);
    throw Wrong{source.called + ": OpenSSL does not take the chain"};
  }
}

void use_key(SSL_CTX* context, const Source& source) {
  const Bio bio = source.reader();
  const Key key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) throw Wrong{source.called + ": holds no private key in PEM form without a password"};
  if (::SSL_CTX_use_PrivateKey(context, key.get()) != 1 || ::SSL_CTX_check_private_key(context) != 1) {
    throw Wrong{source.called + ": does not belong to the certificate"};
  }
}

void trust_clients_of(SSL_CTX* context, const Source& source) {
  const Bio bio = source.reader();
  X509_STORE* const store = ::SSL_CTX_get_cert_store(context);
  int found = 0;
  while (true) {
    const Certificate authority(::PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    if (!authority) break;
    ::X509_STORE_add_cert(store, authority.get());
    ::SSL_CTX_add_client_CA(context, authority.get());
    ++found;
  }
  if (found == 0) throw Wrong{source.called + ": holds no certificate in PEM form"};
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(::ASN1_STRING_length(text))};
}

std::string text_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS: return text_of(name.d.dNSName);
    case GEN_EMAIL: return text_of(name.d.rfc822Name);
    case GEN_URI: return text_of(name.d.uniformResourceIdentifier);
    case GEN_IPADD: {
      const std::string octets = text_of(name.d.iPAddress);
      std::array<char, 46> text{};
      const int family = octets.size() == 4 ? AF_INET : AF_INET6;
      if (octets.size() != 4 && octets.size() != 16) return {};
      return ::inet_ntop(family, octets.data(), text.data(), text.size()) != nullptr ? text.data() : "";
    }
    default: return {};
  }
}

bool has_allowed_name(const X509* certificate, const std::vector<std::string>& allowed) {
  auto* const names =
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool found = false;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names); ++i) {
    const std::string name = text_of(*sk_GENERAL_NAME_value(names, i));
    found = found || (!name.empty() && std::ranges::find(allowed, name) != allowed.end());
  }
  ::GENERAL_NAMES_free(names);
  return found;
}

/// Called where a client showed a certificate.
int judge_client(X509_STORE_CTX* shown, void* of) {
  const auto& tls = *static_cast<const config::TlsServer*>(of);
  const bool verify =
      tls.client_auth == ClientAuth::verify_if_given || tls.client_auth == ClientAuth::require_and_verify;
  if (verify && ::X509_verify_cert(shown) != 1) return 0;
  if (!tls.client_allowed_sans.empty() &&
      !has_allowed_name(::X509_STORE_CTX_get0_cert(shown), tls.client_allowed_sans)) {
    ::X509_STORE_CTX_set_error(shown, X509_V_ERR_CERT_REJECTED);
    return 0;
  }
  ::X509_STORE_CTX_set_error(shown, X509_V_OK);
  return 1;
}

void ask_clients(SSL_CTX* context, const config::TlsServer& tls) {
  if (!tls.client_ca.empty()) trust_clients_of(context, Source(tls.client_ca, "client_ca"));
  const bool demand = tls.client_auth == ClientAuth::require_any || tls.client_auth == ClientAuth::require_and_verify;
  int mode = SSL_VERIFY_NONE;
  if (tls.client_auth != ClientAuth::none) mode = SSL_VERIFY_PEER;
  if (demand) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  ::SSL_CTX_set_verify(context, mode, nullptr);
  ::SSL_CTX_set_cert_verify_callback(context, judge_client, const_cast<config::TlsServer*>(&tls));
}

/// Go has two names without the digest that the registry's have.
std::string registered(std::string name) { return name.ends_with("_CHACHA20_POLY1305") ? name + "_SHA256" : name; }

/// Suites of TLS 1.3 and those before it are two lists for OpenSSL. Only of 1.3: nothing older is spoken.
void use_suites(SSL_CTX* context, const config::TlsServer& tls) {
  std::string old;
  std::string modern;
  for (const std::string& name : tls.cipher_suites) {
    const std::string full = registered(name);
    const std::string_view called = ::OPENSSL_cipher_name(full.c_str());
    if (called == "(NONE)") throw Wrong{"cipher_suites: '" + name + "' is not known to OpenSSL"};
    std::string& list = called.starts_with("TLS_") ? modern : old;
    if (!list.empty()) list += ':';
    list += called;
  }
  if (!old.empty() && ::SSL_CTX_set_cipher_list(context, old.c_str()) != 1)
    throw Wrong{"cipher_suites: OpenSSL offers none of them"};
  if (!modern.empty() && ::SSL_CTX_set_ciphersuites(context, modern.c_str()) != 1)
    throw Wrong{"cipher_suites: OpenSSL does not take those of TLS 1.3"};
  if (old.empty() && !modern.empty()) ::SSL_CTX_set_min_proto_version(context, kTls13);
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int length, void*) {
  for (unsigned int at = 0; at < length; at += 1U + offered[at]) {
    if (at + 1U + offered[at] > length) break;
    if (std::string_view(reinterpret_cast<const char*>(offered + at + 1), offered[at]) != kHttp) continue;
    *out = offered + at + 1;
    *size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol, RFC 7301 section 3.2
}

void configure(SSL_CTX* context, const config::TlsServer& tls) {
  ::SSL_CTX_set_min_proto_version(context, tls.min_version);
  ::SSL_CTX_set_max_proto_version(context, tls.max_version);
  if (tls.min_version < kTls12) ::SSL_CTX_set_security_level(context, 0);  // their digests are below level 1
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  if (tls.prefer_server_cipher_suites) ::SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context, 0);
  ::SSL_CTX_set_max_cert_list(context, static_cast<long>(config::kMaxPem));
  ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  use_suites(context, tls);
  std::string curves;
  for (const std::string& curve : tls.curves) curves += (curves.empty() ? "" : ":") + curve;
  if (!curves.empty() && ::SSL_CTX_set1_groups_list(context, curves.c_str()) != 1)
    throw Wrong{"curve_preferences: OpenSSL does not take them"};
  use_chain(context, Source(tls.cert, "cert"));
  use_key(context, Source(tls.key, "key"));
  ask_clients(context, tls);
}

}  // namespace

MadeContext make_tls_context(const config::TlsServer& tls) {
  MadeContext made;
  made.context.reset(::SSL_CTX_new(::TLS_server_method()));
  try {
    if (!made.context) throw Wrong{"cert_file: OpenSSL cannot make a context"};
    configure(made.context.get(), tls);
  } catch (const Wrong& wrong) {
    made.error = wrong.what;
    made.context.reset();
  }
  ::ERR_clear_error();  // what the attempts left behind would be taken for somebody else's
  return made;
}

}  // namespace mxhealth::web
