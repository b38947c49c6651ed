#include "tls/dane.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

#include "tls/chain.hpp"

namespace mxhealth::tls {
namespace {

constexpr std::uint8_t kTrustAnchor = 2;
constexpr std::uint8_t kEndEntity = 3;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Ssl = std::unique_ptr<SSL, Freed<&SSL_free>>;
using Store = std::unique_ptr<X509_STORE, Freed<&X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freed<&X509_STORE_CTX_free>>;
void free_list(STACK_OF(X509) * list) { sk_X509_free(list); }  // not the certificates
using CertificateList = std::unique_ptr<STACK_OF(X509), Freed<&free_list>>;

std::vector<Certificate> certificates_of(const ServedChain& served) {
  std::vector<Certificate> certificates;
  for (const auto& der : served) {
    const unsigned char* at = der.data();
    Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (certificate) certificates.push_back(std::move(certificate));
  }
  return certificates;
}

// The names and the rest of the rules stand beside the records: OpenSSL asks both.
void set_rules(X509_STORE_CTX* context, std::span<const Name> names, Wall now) {
  X509_STORE_CTX_set_default(context, "ssl_server");
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_auth_level(rules, 0);  // weak keys are findings
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(kMaxChain));
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  for (const Name& name : names)
    if (!name.is_root()) X509_VERIFY_PARAM_add1_host(rules, name.str().c_str(), name.str().size());
}

bool matches(SSL_CTX* tls, std::span<const Certificate> chain, std::span<const TlsaRecord> records,
             std::span<const Name> names, Wall now) {
  if (chain.empty()) return false;
  const Ssl ssl(SSL_new(tls));
  if (!ssl || SSL_dane_enable(ssl.get(), nullptr) != 1) return false;
  SSL_dane_set_flags(ssl.get(), DANE_FLAG_NO_DANE_EE_NAMECHECKS);  // RFC 7672 section 3.1.1
  bool some = false;
  for (const TlsaRecord& record : records)
    if (is_usable(record))
      some = SSL_dane_tlsa_add(ssl.get(), record.usage, record.selector, record.matching_type,
                               record.association.data(), record.association.size()) == 1 ||
             some;
  if (!some) return false;
  const Store nobody(X509_STORE_new());
  const CertificateList helpers(sk_X509_new_null());
  for (const Certificate& above : chain.subspan(1)) sk_X509_push(helpers.get(), above.get());
  const StoreContext context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), nobody.get(), chain.front().get(), helpers.get()) != 1) return false;
  set_rules(context.get(), names, now);
  X509_STORE_CTX_set0_dane(context.get(), SSL_get0_dane(ssl.get()));
  return X509_verify_cert(context.get()) == 1;
}

std::size_t digest_length(std::uint8_t matching_type) { return matching_type == 1 ? 32 : 64; }

void append(std::string& key, std::span<const std::uint8_t> bytes) {
  key += std::to_string(bytes.size()) + ':';
  key.append(bytes.begin(), bytes.end());
}

std::string key_of(const ChainFacts& chain, const TlsaFacts& tlsa, std::span<const Name> names) {
  std::string key;
  for (const auto& der : *chain.served) append(key, der);
  bool names_count = false;
  for (const TlsaRecord& record : tlsa.records) {
    const std::uint8_t head[] = {record.usage, record.selector, record.matching_type};
    append(key, head);
    append(key, record.association);
    names_count = names_count || record.usage == kTrustAnchor;
  }
  if (!names_count) return key;
  for (const Name& name : names) key += name.str() + '\n';
  return key;
}

}  // namespace

bool is_usable(const TlsaRecord& record) {
  if (record.usage != kTrustAnchor && record.usage != kEndEntity) return false;
  if (record.selector > 1 || record.association.empty()) return false;
  if (record.matching_type == 0) {  // a certificate or a key in full, which has to be one
    const unsigned char* at = record.association.data();
    const auto size = static_cast<long>(record.association.size());
    bool whole = false;
    if (record.selector == 0)
      whole = Certificate(d2i_X509(nullptr, &at, size)) != nullptr;
    else
      whole = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>(d2i_PUBKEY(nullptr, &at, size)) != nullptr;
    ERR_clear_error();
    return whole && at == record.association.data() + size;
  }
  return record.matching_type <= 2 && record.association.size() == digest_length(record.matching_type);
}

void DaneJudge::FreeContext::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

DaneJudge::DaneJudge() : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_ || SSL_CTX_dane_enable(context_.get()) != 1) throw std::runtime_error("OpenSSL cannot do DANE");
  SSL_CTX_set_security_level(context_.get(), 0);
}

DaneJudgement DaneJudge::judge(const ChainFacts* chain, const TlsaFacts& tlsa, std::span<const Name> names, Wall now) {
  if (tlsa.secure_host && !is_answer(tlsa.end)) return {DaneState::lookup_failed, {}};
  if (!has_records(tlsa)) return {DaneState::none, {}};
  if (std::ranges::none_of(tlsa.records, is_usable)) return {DaneState::unusable, {}};
  if (chain == nullptr || !chain->served) return {DaneState::mismatch, std::vector<bool>(tlsa.records.size())};
  const std::string key = key_of(*chain, tlsa, names);
  const auto known = remembered_.find(key);
  if (known != remembered_.end() && known->second.from <= now && now < known->second.from + kMaxAge)
    return known->second.judgement;
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  DaneJudgement judgement = compare(*chain, tlsa, names, now);
  remembered_.insert_or_assign(key, Remembered{judgement, now});
  return judgement;
}

// All records together are what senders look at: a strong digest that does not match outweighs a weak one that does
// (RFC 7671 section 9). One by one they tell which are of no certificate.
DaneJudgement DaneJudge::compare(const ChainFacts& chain, const TlsaFacts& tlsa, std::span<const Name> names,
                                 Wall now) const {
  const std::vector<Certificate> served = certificates_of(*chain.served);
  DaneJudgement judgement;
  const bool match = matches(context_.get(), served, tlsa.records, names, now);
  judgement.state = match ? DaneState::secure_match : DaneState::mismatch;
  for (const TlsaRecord& record : tlsa.records)
    judgement.matched.push_back(matches(context_.get(), served, std::span(&record, 1), names, now));
  ERR_clear_error();
  return judgement;
}

}  // namespace mxhealth::tls
