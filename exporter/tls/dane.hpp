// A served chain against TLSA records, by OpenSSL's own DANE code (RFC 6698, RFC 7671) under the rules for mail
// between servers (RFC 7672): usages 2 and 3 only, neither names nor dates with usage 3. No sockets.
#pragma once

#include <openssl/types.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/dane.hpp"
#include "model/time.hpp"
#include "model/tls_facts.hpp"

namespace mxhealth::tls {

/// RFC 7672 section 3.1.3, and what OpenSSL can read: selectors 0 and 1, matching types 0, 1 and 2, fitting lengths.
bool is_usable(const TlsaRecord&);

struct DaneJudgement {
  DaneState state = DaneState::none;
  std::vector<bool> matched;  ///< for each record: it matches the chain by itself
};

/// Remembers what it judged: thousands of sessions meet the same chain.
class DaneJudge {
 public:
  static constexpr std::size_t kMaxRemembered = 4096;  // beyond it everything is forgotten
  static constexpr Duration kMaxAge = std::chrono::minutes(10);

  /// Throws std::runtime_error when OpenSSL cannot make a context.
  DaneJudge();

  /// `names`: any of them may stand in a certificate below a DANE-TA record (RFC 7672 section 3.2.2). Without a chain
  /// (no TLS, or no certificate) records that could match do not.
  DaneJudgement judge(const ChainFacts* chain, const TlsaFacts& tlsa, std::span<const Name> names, Wall now);

 private:
  struct FreeContext {
    void operator()(SSL_CTX*) const noexcept;
  };
  struct Remembered {
    DaneJudgement judgement;
    Wall from;
  };
  DaneJudgement compare(const ChainFacts& chain, const TlsaFacts& tlsa, std::span<const Name> names, Wall now) const;

  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::map<std::string, Remembered> remembered_;
};

}  // namespace mxhealth::tls
