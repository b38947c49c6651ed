// A throwaway certificate authority and the certificates, good and broken, of the lab's hosts. All are made when first
// asked for; keys are shared between hosts so that a world starts quickly. Only the CA certificate touches the disk.
// OpenSSL failures throw std::runtime_error: without certificates there is no lab.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mxhealth::lab {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<&X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<&SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Freed<&SSL_free>>;

/// What a server shows: its certificate, its key, what it sends along.
struct Identity {
  Certificate leaf;
  EVP_PKEY* key = nullptr;  // owned by Certificates
  std::vector<X509*> chain;
};

/// good chained, or one of the faults that README.md lists
bool is_certificate_kind(std::string_view kind);

class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// The CA certificate in PEM, in a temporary directory that goes with this object.
  const std::filesystem::path& ca_file() const { return ca_file_; }

  const Identity& identity(std::string_view kind, const std::string& host);

  /// What a TLSA record says of the host's certificate, or with usage 2 of its CA: hexadecimal. `fields` is
  /// "3.1.1": usage, selector (0, 1), matching type (0, 1, 2).
  std::string tlsa(std::string_view fields, std::string_view kind, const std::string& host);

  /// A server's side of a handshake. `min` and `max` are "1.0" … "1.2" or empty.
  Tls accept(std::string_view kind, const std::string& host, std::string_view min, std::string_view max);

 private:
  struct Issuer {
    Certificate certificate;
    EVP_PKEY* key = nullptr;
  };
  EVP_PKEY* key(std::string_view kind);
  const Issuer& intermediate(std::string_view kind);
  EVP_PKEY* weak_key();
  EVP_PKEY* rsa_key();
  const Issuer& stranger();
  void write_ca_file();

  Context context_;
  Key leaf_key_, ca_key_, weak_key_, rsa_key_;
  Issuer ca_, stranger_;
  std::map<std::string, Issuer> intermediates_;  // by what is wrong with them
  std::map<std::pair<std::string, std::string>, Identity> identities_;
  std::filesystem::path directory_, ca_file_;
};

}  // namespace mxhealth::lab
