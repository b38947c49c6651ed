// The authorities we trust: the system's, or those of one file. Loaded whole at start, so that judging a chain never
// reads a disk. What can go wrong is one sentence that names the file.
#pragma once

#include <memory>
#include <string>
#include <variant>

struct x509_store_st;

namespace mxhealth::tls {

struct FreeTrustStore {
  void operator()(x509_store_st*) const noexcept;
};

class TrustStore {
 public:
  struct Error {
    std::string text;
  };

  /// PEM file of certificates; empty: the system's bundle (SSL_CERT_FILE, else where distributions keep it).
  static std::variant<TrustStore, Error> load(const std::string& ca_file);
  static TrustStore trusting_nobody();

  /// The same authorities once more, not loaded anew.
  TrustStore share() const;

  x509_store_st* native() const { return store_.get(); }

 private:
  explicit TrustStore(x509_store_st* store) : store_(store) {}
  std::unique_ptr<x509_store_st, FreeTrustStore> store_;
};

}  // namespace mxhealth::tls
