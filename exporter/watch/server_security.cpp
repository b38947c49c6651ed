// What the certificates of a server's addresses show, side by side and against the policies that domains publish.
#include <algorithm>

#include "watch/endpoint.hpp"
#include "watch/server_ledger.hpp"

namespace mxhealth::watch {
namespace {

const ChainFacts* chain_of(const std::optional<TlsFacts>& tls) { return tls && tls->chain ? &*tls->chain : nullptr; }

// Of several addresses the worst.
std::optional<TlsVersion> oldest_tls(const std::set<const Endpoint*>& endpoints) {
  std::optional<TlsVersion> oldest;
  for (const Endpoint* endpoint : endpoints)
    if (const auto one = endpoint->oldest_tls(); one && (!oldest || *one < *oldest)) oldest = one;
  return oldest;
}

bool is_leaf_only(const TlsaRecord& record) { return record.usage == 3; }

}  // namespace

// A domain whose MX records are not signed says nothing about those who trust the records.
void ServerLedger::take(const DomainName& by, const Transport& transport, Mono now) {
  if (transport.sts_covered)
    sts_covered_.insert_or_assign(by, *transport.sts_covered);
  else
    sts_covered_.erase(by);
  const bool stale = transport_by_.is_root() || now - transport_at_ > kTlsaFor;
  if (!transport.tlsa.secure_host && transport_by_ != by && !stale) return;
  transport_ = transport;
  transport_by_ = by;
  transport_at_ = now;
}

void ServerLedger::forget(const DomainName& by) {
  sts_covered_.erase(by);
  if (transport_by_ != by) return;
  transport_ = {};
  transport_by_ = {};
}

// An address that has shown nothing yet is left out; one without TLS matches nothing.
ServerLedger::Dane ServerLedger::dane() const {
  Dane all;
  if (transport_by_.is_root()) return all;
  const auto worse = [&](DaneState state) { return !all.state || state == DaneState::mismatch; };
  for (const auto& [endpoint, seen] : seen_) {
    if (!endpoints_.contains(endpoint)) continue;
    const bool without_tls = seen.handshake_success == false || (!seen.tls && seen.starttls_advertised == false);
    if (!seen.tls && !without_tls) continue;
    const tls::DaneJudgement one =
        endpoint->dane(without_tls ? nullptr : chain_of(seen.tls), transport_.tlsa, transport_.names);
    if (worse(one.state)) all.state = one.state;
    all.matched.resize(one.matched.size());
    for (std::size_t i = 0; i < one.matched.size(); ++i) all.matched[i] = all.matched[i] || one.matched[i];
  }
  if (!all.state && transport_.tlsa.secure_host && !is_answer(transport_.tlsa.end))
    all.state = DaneState::lookup_failed;
  if (!all.state && !has_records(transport_.tlsa)) all.state = DaneState::none;
  return all;
}

void ServerLedger::add_oldest_version(ServerTls& all) const {
  if (const auto oldest = oldest_tls(endpoints_)) all.oldest_version = label(*oldest);
}

void ServerLedger::add_version_findings(std::set<Finding>& all) const {
  const auto oldest = oldest_tls(endpoints_);
  if (oldest == TlsVersion::tls_1_0) all.insert(Finding::accepts_tls_1_0);
  if (oldest == TlsVersion::tls_1_1) all.insert(Finding::accepts_tls_1_1);
}

void ServerLedger::add_transport(ServerTls& all) const {
  all.dane = dane().state;
  if (all.dane == DaneState::secure_match) all.dane_ok = true;
  if (all.dane == DaneState::mismatch || all.dane == DaneState::lookup_failed) all.dane_ok = false;
  const bool without_tls = all.starttls_advertised == false;
  if (sts_covered_.empty() || (!all.handshake_success && !without_tls)) return;
  all.mta_sts_ok = all.handshake_success.value_or(false) && all.chain_ok.value_or(false) &&
                   all.hostname_ok.value_or(false) &&
                   std::ranges::all_of(sts_covered_, [](const auto& known) { return known.second; });
}

std::optional<bool> ServerLedger::certificates_differ() const {
  std::set<Fingerprint> leaves;
  std::size_t served = 0;
  for (const auto& [endpoint, seen] : seen_) {
    const ChainFacts* chain = chain_of(seen.tls);
    if (chain == nullptr) continue;
    ++served;
    leaves.insert(chain->leaf_sha256);
  }
  if (served < 2) return std::nullopt;
  return leaves.size() > 1;
}

void ServerLedger::add_certificate_findings(std::set<Finding>& all) const {
  const auto add = [&](const Seen& seen) {
    const ChainFacts* chain = chain_of(seen.tls);
    if (chain == nullptr) return;
    all.insert(chain->flaws.begin(), chain->flaws.end());
    const auto mine = std::ranges::find(chain->names, key_.server, &NameMatch::name);
    if (mine != chain->names.end() && !mine->matches) all.insert(Finding::cert_name_mismatch);
  };
  for (const auto& [endpoint, seen] : seen_) add(seen);
  if (seen_.empty()) add(last_gone_);
  if (certificates_differ().value_or(false)) all.insert(Finding::cert_mismatch);
}

// Records of authorities outlive the server's own certificate: they need no successor ahead of time.
void ServerLedger::add_tlsa_findings(std::set<Finding>& all) const {
  const Dane found = dane();
  if (found.state == DaneState::unusable) all.insert(Finding::tlsa_unusable);
  if (found.state != DaneState::secure_match) return;
  const auto& records = transport_.tlsa.records;
  bool all_matched = true;
  for (std::size_t i = 0; i < records.size(); ++i)
    all_matched = all_matched && (found.matched[i] || !tls::is_usable(records[i]));
  if (!all_matched) all.insert(Finding::tlsa_unmatched);
  if (all_matched && std::ranges::all_of(records, is_leaf_only)) all.insert(Finding::tlsa_no_next_key);
}

}  // namespace mxhealth::watch
