// Chain x names x trust store x now -> ChainFacts. The verdict on the chain is kept apart from the names; weak keys and
// digests are findings of others, not distrust (security level 0). Dates are always told, whatever the verdict.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "model/tls_facts.hpp"
#include "tls/chain.hpp"
#include "tls/trust_store.hpp"

namespace mxhealth::tls {

/// An empty chain is untrusted and has no dates.
ChainFacts judge_chain(const Chain& chain, std::span<const ServerName> names, const TrustStore& store, Wall now);

/// The same with a memory: thousands of sessions meet the same chain. An answer holds until a certificate in it begins
/// or ends to be valid. One per trust store; lives and dies with a Generation.
class ChainJudge {
 public:
  static constexpr std::size_t kMaxRemembered = 4096;  // beyond it everything is forgotten
  static constexpr Duration kMaxAge = std::chrono::hours(1);

  explicit ChainJudge(TrustStore store) : store_(std::move(store)) {}
  ChainFacts judge(const Chain& chain, std::span<const ServerName> names, Wall now);
  const TrustStore& store() const { return store_; }
  std::size_t remembered() const { return remembered_.size(); }

 private:
  struct Remembered {
    ChainFacts facts;
    Wall from, until;
  };
  TrustStore store_;
  std::map<std::string, Remembered> remembered_;  // by digest and names
};

}  // namespace mxhealth::tls
