#include "tls/judge_chain.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>

#include "model/address.hpp"
#include "tls/flaws.hpp"

namespace mxhealth::tls {
namespace {

// What system_clock can hold: certificates may end in the year 9999, or in any that an attacker writes.
Wall wall_of(std::time_t seconds) {
  using std::chrono::duration_cast;
  constexpr auto kLast = duration_cast<std::chrono::seconds>(Wall::duration::max()).count();
  constexpr auto kFirst = duration_cast<std::chrono::seconds>(Wall::duration::min()).count();
  return Wall(std::chrono::seconds(std::clamp<std::int64_t>(seconds, kFirst, kLast)));
}

// A date that cannot be read counts as 1970: a certificate nobody accepts should not look fine.
Wall wall_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Wall{};
  return wall_of(::timegm(&parts));
}

// Several things may be wrong at once: dates are told from everything else, which weighs more, as renewing would not
// help.
struct Findings {
  int untrusted = X509_V_OK;  // first error that is no date
  int date = X509_V_OK;       // first expired or not yet valid
  std::vector<VerifyError> all{};
};

int note_and_go_on(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return 1;
  auto* findings = static_cast<Findings*>(X509_STORE_CTX_get_app_data(context));
  const int error = X509_STORE_CTX_get_error(context);
  const bool date = error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
  int& slot = date ? findings->date : findings->untrusted;
  if (slot == X509_V_OK) slot = error;
  if (findings->all.size() < kMaxVerifyErrors)
    findings->all.push_back({error, X509_STORE_CTX_get_error_depth(context)});
  return 1;
}

struct FreeContext {
  void operator()(X509_STORE_CTX* context) const noexcept { X509_STORE_CTX_free(context); }
};
struct FreeStack {  // the list, not the certificates
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};

Findings verify(const Chain& chain, const TrustStore& store, Wall now) {
  Findings findings;
  const std::unique_ptr<STACK_OF(X509), FreeStack> helpers(sk_X509_new_null());
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(helpers.get(), chain[i]);
  const std::unique_ptr<X509_STORE_CTX, FreeContext> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.native(), chain.leaf(), helpers.get()) != 1)
    return {.untrusted = X509_V_ERR_UNSPECIFIED};

  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_auth_level(rules, 0);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(kMaxChain));
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  X509_STORE_CTX_set_app_data(context.get(), &findings);
  X509_STORE_CTX_set_verify_cb(context.get(), note_and_go_on);
  // Errors that are no verdict (out of memory, ...) end with a negative number and no call of ours.
  if (X509_verify_cert(context.get()) != 1 && findings.untrusted == X509_V_OK && findings.date == X509_V_OK)
    findings.untrusted = std::max(X509_STORE_CTX_get_error(context.get()), X509_V_ERR_UNSPECIFIED);
  ERR_clear_error();
  return findings;
}

ChainVerdict verdict_of(const Findings& findings) {
  if (findings.untrusted != X509_V_OK) return ChainVerdict::untrusted;
  if (findings.date == X509_V_ERR_CERT_HAS_EXPIRED) return ChainVerdict::expired;
  if (findings.date == X509_V_ERR_CERT_NOT_YET_VALID) return ChainVerdict::not_yet_valid;
  return ChainVerdict::trusted;
}

// RFC 6125 section 6.4: subjectAltName first, the subject's CN only where there is none (OpenSSL's rule, and
// Postfix's); a wildcard stands for one whole label. A configured server may be an address.
bool is_for(X509* leaf, const ServerName& name) {
  if (Address::parse(name.view())) return X509_check_ip_asc(leaf, name.str().c_str(), 0) == 1;
  const auto text = name.view();
  return X509_check_host(leaf, text.data(), text.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

std::shared_ptr<const ServedChain> der_of(const Chain& chain) {
  auto served = std::make_shared<ServedChain>();
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const int size = i2d_X509(chain[i], nullptr);
    if (size <= 0) continue;
    auto& der = served->emplace_back(static_cast<std::size_t>(size));
    unsigned char* at = der.data();
    i2d_X509(chain[i], &at);
  }
  return served;
}

std::string key_of(const Chain& chain, std::span<const ServerName> names) {
  const Fingerprint digest = chain.digest();
  std::string key(digest.begin(), digest.end());
  for (const ServerName& name : names) key += name.str() + '\n';
  return key;
}

// When the next certificate begins or ends to be valid. Authorities out of the store are not looked at: the hour is
// for them.
Wall next_change(const Chain& chain, Wall now) {
  Wall next = now + ChainJudge::kMaxAge;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (const ASN1_TIME* edge : {X509_get0_notBefore(chain[i]), X509_get0_notAfter(chain[i])}) {
      const Wall at = wall_of(edge);
      if (at >= now) next = std::min(next, at);
    }
  }
  return next;
}

}  // namespace

ChainFacts judge_chain(const Chain& chain, std::span<const ServerName> names, const TrustStore& store, Wall now) {
  ChainFacts facts;
  if (chain.empty()) return facts;
  const Findings findings = verify(chain, store, now);
  facts.verdict = verdict_of(findings);
  facts.verify_error = findings.untrusted != X509_V_OK ? findings.untrusted : findings.date;
  facts.self_signed = X509_self_signed(chain.leaf(), 1) == 1;
  facts.leaf_not_before = wall_of(X509_get0_notBefore(chain.leaf()));
  facts.leaf_not_after = wall_of(X509_get0_notAfter(chain.leaf()));
  facts.chain_not_after = facts.leaf_not_after;
  for (std::size_t i = 1; i < chain.size(); ++i)
    facts.chain_not_after = std::min(facts.chain_not_after, wall_of(X509_get0_notAfter(chain[i])));
  facts.leaf_sha256 = fingerprint(chain.leaf());
  facts.length = static_cast<std::uint8_t>(std::min<std::size_t>(chain.served(), 255));
  for (const ServerName& name : names) facts.names.push_back({name, is_for(chain.leaf(), name)});
  facts.flaws = flaws_of(chain, findings.all);
  facts.served = der_of(chain);
  ERR_clear_error();
  return facts;
}

ChainFacts ChainJudge::judge(const Chain& chain, std::span<const ServerName> names, Wall now) {
  const std::string key = key_of(chain, names);
  const auto known = remembered_.find(key);
  if (known != remembered_.end() && known->second.from <= now && now < known->second.until) return known->second.facts;
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  ChainFacts facts = judge_chain(chain, names, store_, now);
  remembered_.insert_or_assign(key, Remembered{facts, now, next_change(chain, now)});
  return facts;
}

}  // namespace mxhealth::tls
