// The certificates a server served, leaf first, owned. Also keeps a digest, by which two chains are the same.
// No judgement: see judge_chain. No sockets.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "model/tls_facts.hpp"

struct x509_st;
struct ssl_st;
struct stack_st_X509;

namespace mxhealth::tls {

inline constexpr std::size_t kMaxChain = 16;  // certificates kept; the longest honest chains have five

struct FreeCertificate {
  void operator()(x509_st*) const noexcept;
};
using Certificate = std::unique_ptr<x509_st, FreeCertificate>;

Fingerprint fingerprint(const x509_st*);  // SHA-256 of the certificate as served

class Chain {
 public:
  Chain() = default;
  /// Shares the certificates (reference counts), copies nothing. Null is an empty chain.
  static Chain of(const stack_st_X509*);
  /// What the peer of a client connection served.
  static Chain served_to(const ssl_st*);

  bool empty() const { return certificates_.empty(); }
  std::size_t served() const { return served_; }  ///< how many came, also those beyond kMaxChain
  std::size_t size() const { return certificates_.size(); }
  x509_st* operator[](std::size_t i) const { return certificates_[i].get(); }
  x509_st* leaf() const { return certificates_.front().get(); }

  Fingerprint digest() const;  ///< SHA-256 over the fingerprints in their order

 private:
  std::vector<Certificate> certificates_;
  std::size_t served_ = 0;
};

}  // namespace mxhealth::tls
