// TLS at the door, over sockets: certificates made here, a blocking client of OpenSSL's, deadlines of a test.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "web/client.hpp"
#include "web/protection.hpp"

namespace mxhealth::web {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

struct Identity {
  Key key{::EVP_EC_gen("P-256")};
  Certificate certificate{::X509_new()};
};

void extend(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

/// Signed by `issuer`, or by itself; `days` of validity from yesterday.
Identity make(const Identity* issuer, const char* san, int days = 2) {
  Identity made;
  X509* const certificate = made.certificate.get();
  ::X509_set_version(certificate, X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), issuer == nullptr ? 1 : 2);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -86400L * 3);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate), 86400L * days);
  X509_NAME* const name = ::X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>(issuer == nullptr ? "Test CA" : "somebody");
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  ::X509_set_issuer_name(certificate, issuer == nullptr ? name : ::X509_get_subject_name(issuer->certificate.get()));
  ::X509_set_pubkey(certificate, made.key.get());
  if (issuer == nullptr) extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (san != nullptr) extend(certificate, NID_subject_alt_name, san);
  ::X509_sign(certificate, (issuer == nullptr ? made : *issuer).key.get(), ::EVP_sha256());
  return made;
}

/// A directory with certificates and a web configuration, which goes away with the test.
class Files {
 public:
  Files() {
    std::string name = (std::filesystem::temp_directory_path() / "mxhealth-tls-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
    keep("ca", authority);
    keep("server", server);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() { std::filesystem::remove_all(path_); }

  void keep(const std::string& name, const Identity& identity) const {
    FILE* const pem = std::fopen((path_ / (name + ".pem")).c_str(), "w");
    ::PEM_write_X509(pem, identity.certificate.get());
    std::fclose(pem);
    FILE* const key = std::fopen((path_ / (name + ".key")).c_str(), "w");
    ::PEM_write_PrivateKey(key, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(key);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }

  LoadedProtection load(const std::string& more = {},
                        const std::string& pair = "cert_file: server.pem, key_file: server.key") const {
    write("web.yml", "tls_server_config: {" + pair + more + "}\n");
    return load_protection(path_ / "web.yml");
  }
  std::string error(const LoadedProtection& loaded) const {
    if (loaded.errors.size() != 1) return std::to_string(loaded.errors.size()) + " errors";
    const auto at = loaded.errors[0].find("tls_server_config.");
    std::string text = loaded.errors[0].substr(at == std::string::npos ? 0 : at);
    if (const auto file = text.find(path_.string() + "/"); file != std::string::npos)
      text.erase(file, path_.string().size() + 1);
    return text;
  }

  Identity authority = make(nullptr, nullptr);
  Identity server = make(&authority, "IP:127.0.0.1");

 private:
  std::filesystem::path path_;
};

constexpr const char* kClients =
    ", client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [a.example, "
    "192.0.2.7]";

struct Door {
  explicit Door(const LoadedProtection& loaded, WebOptions options = {}) : running(std::move(options)) {
    running.on_loop([&] { running.server().protect(loaded.protection); });
  }
  Running running;
};

/// The status of /-/healthy over TLS; 0: not let in.
unsigned ask(std::uint16_t port, const Identity* identity = nullptr) {
  const std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context(::SSL_CTX_new(::TLS_client_method()));
  if (identity != nullptr) {
    ::SSL_CTX_use_certificate(context.get(), identity->certificate.get());
    ::SSL_CTX_use_PrivateKey(context.get(), identity->key.get());
  }
  const std::string to = "127.0.0.1:" + std::to_string(port);
  BIO* const bio = ::BIO_new_ssl_connect(context.get());
  const std::unique_ptr<BIO, Freed<BIO_free_all>> owner(bio);
  BIO_set_conn_hostname(bio, to.c_str());
  const std::string request = get("/-/healthy", "Connection: close\r\n");
  if (::BIO_write(bio, request.data(), static_cast<int>(request.size())) <= 0) return 0;
  std::array<char, 1024> answer{};
  if (::BIO_read(bio, answer.data(), static_cast<int>(answer.size())) < 12) return 0;
  return static_cast<unsigned>(std::atoi(answer.data() + 9));
}

TEST(Tls, is_spoken_where_the_configuration_says_so) {
  const Files files;
  const Door door(files.load());
  EXPECT_EQ(ask(door.running.port()), 200U);
}

TEST(Tls, tells_those_who_speak_plain_http) {
  const Files files;
  const Door door(files.load());
  Client client(door.running.port());
  client.say(get("/-/healthy"));
  EXPECT_EQ(client.hear().status, 400U);
}

TEST(Tls, cuts_half_a_handshake_at_its_deadline) {
  const Files files;
  WebOptions options;
  options.deadlines.header = std::chrono::milliseconds(100);
  const Door door(files.load(), options);
  Client silent(door.running.port());
  Client half(door.running.port());
  half.say(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(half.is_closed());
}

TEST(Tls, a_handshake_that_drips_buys_no_time) {
  const Files files;
  WebOptions options;
  options.deadlines.header = std::chrono::milliseconds(300);
  const Door door(files.load(), options);
  Client client(door.running.port());
  const auto begin = std::chrono::steady_clock::now();
  client.say(std::string("\x16\x03\x01\x3f\xff\x01", 6));
  while (client.say("x") && std::chrono::steady_clock::now() - begin < std::chrono::seconds(8)) {
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 20);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Tls, lets_in_only_clients_of_the_authority_with_an_allowed_name) {
  const Files files;
  const Door door(files.load(kClients));
  const Identity stranger = make(nullptr, "DNS:a.example");
  const Identity by_name = make(&files.authority, "DNS:a.example");
  const Identity by_address = make(&files.authority, "IP:192.0.2.7");
  const Identity other = make(&files.authority, "DNS:b.example");
  const Identity nameless = make(&files.authority, nullptr);
  const Identity expired = make(&files.authority, "DNS:a.example", -1);
  EXPECT_EQ(ask(door.running.port(), &by_name), 200U);
  EXPECT_EQ(ask(door.running.port(), &by_address), 200U);
  for (const Identity* refused : {&stranger, &other, &nameless, &expired, static_cast<const Identity*>(nullptr)})
    EXPECT_EQ(ask(door.running.port(), refused), 0U);
}

TEST(Tls, a_certificate_replaced_is_for_the_next_connection) {
  const Files files;
  Door door(files.load());
  EXPECT_EQ(ask(door.running.port()), 200U);
  const LoadedProtection next = files.load(kClients);
  door.running.on_loop([&] { door.running.server().protect(next.protection); });
  EXPECT_EQ(ask(door.running.port()), 0U);
}

TEST(Tls, a_connection_from_before_ends_with_its_next_answer) {
  const Files files;
  Door door(load_protection({}));
  Client client(door.running.port());
  EXPECT_TRUE(client.ask(get("/-/healthy")).has("Connection: keep-alive"));
  const LoadedProtection next = files.load();
  door.running.on_loop([&] { door.running.server().protect(next.protection); });
  EXPECT_TRUE(client.ask(get("/-/healthy")).has("Connection: close"));
  EXPECT_TRUE(client.is_closed());
}

TEST(TlsFiles, that_are_wrong_are_named_without_what_is_in_them) {
  const Files files;
  const Identity other = make(&files.authority, nullptr);
  files.keep("other", other);
  files.write("rubbish.pem", "hunter2");
  const std::string cert = "cert_file: server.pem, key_file: ";
  EXPECT_EQ(files.error(files.load("", cert + "other.key")),
            "tls_server_config.key_file: other.key: does not belong to the certificate");
  EXPECT_EQ(files.error(files.load("", cert + "rubbish.pem")),
            "tls_server_config.key_file: rubbish.pem: holds no private key in PEM form without a password");
  EXPECT_EQ(files.error(files.load("", cert + "nowhere.key")),
            "tls_server_config.key_file: nowhere.key: cannot be read: No such file or directory");
  EXPECT_EQ(files.error(files.load("", "cert_file: rubbish.pem, key_file: server.key")),
            "tls_server_config.cert_file: rubbish.pem: holds no certificate in PEM form");
  EXPECT_EQ(files.error(files.load(", client_ca_file: rubbish.pem, client_auth_type: RequireAndVerifyClientCert")),
            "tls_server_config.client_ca_file: rubbish.pem: holds no certificate in PEM form");
  EXPECT_EQ(files.error(files.load(", cipher_suites: [TLS_NO_SUCH_SUITE]")),
            "tls_server_config.cipher_suites: 'TLS_NO_SUCH_SUITE' is not known to OpenSSL");
}

TEST(TlsFiles, are_those_to_watch) {
  const Files files;
  const LoadedProtection loaded = files.load(kClients);
  ASSERT_TRUE(loaded.protection);
  EXPECT_EQ(loaded.files.size(), 4U);  // the configuration, certificate, key, authority
  EXPECT_EQ(files.load("", "cert_file: not-yet.pem, key_file: not-yet.key").files.size(), 3U) << "they may come";
  EXPECT_TRUE(files
                  .load(", cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305, TLS_AES_128_GCM_SHA256], "
                        "curve_preferences: [X25519, CurveP256], min_version: TLS10")
                  .protection);
  EXPECT_TRUE(load_protection({}).protection);
}

}  // namespace
}  // namespace mxhealth::web
