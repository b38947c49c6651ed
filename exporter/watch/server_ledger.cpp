#include "watch/server_ledger.hpp"

#include <algorithm>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/findings.hpp"
#include "model/reply_code.hpp"
#include "watch/endpoint.hpp"

namespace mxhealth::watch {
namespace {

// The causes a session without envelope and authentication can end in, whatever the targets' TLS policies.
bool can_end_a_session(const CauseRow& row) {
  switch (row.cause_class) {
    case CauseClass::no_answer:
    case CauseClass::bad_connection:
    case CauseClass::protocol: return true;
    case CauseClass::tempfail:
      return row.cause == Cause::banner_tempfail || row.cause == Cause::ehlo_tempfail || row.cause == Cause::throttled;
    case CauseClass::permfail: return row.cause == Cause::banner_rejected || row.cause == Cause::ehlo_rejected;
    case CauseClass::tls:
      return row.cause == Cause::starttls_injection || row.cause == Cause::tls_timeout ||
             row.cause == Cause::tls_handshake_failed;
    case CauseClass::local:
      return row.cause == Cause::local_resource || row.cause == Cause::local_policy ||
             row.cause == Cause::probe_deadline || row.cause == Cause::egress_blocked;
    case CauseClass::dns:
    case CauseClass::auth: return false;
  }
  return false;
}

void keep_lower(std::optional<bool>& all, std::optional<bool> one) {
  if (one) all = all.value_or(true) && *one;
}

void keep_earlier(std::optional<Wall>& all, Wall one) { all = all ? std::min(*all, one) : one; }

}  // namespace

ServerLedger::ServerLedger(ServerKey key) : key_(std::move(key)) {
  for (const CauseRow& row : causes())
    if (can_end_a_session(row)) failures_.emplace_back(row.cause, 0);
}

void ServerLedger::remove(const Endpoint& endpoint) {
  endpoints_.erase(&endpoint);
  if (const auto seen = seen_.extract(&endpoint)) last_gone_ = seen.mapped();
}

void ServerLedger::count(const Endpoint& endpoint, const SessionRun& run, const std::optional<CauseFound>& cause) {
  ++probes_;
  if (cause) {
    const auto found = std::ranges::find(failures_, cause->cause, &CauseCounts::value_type::first);
    if (found != failures_.end())
      ++found->second;
    else
      failures_.emplace_back(cause->cause, 1);
  }
  for (std::size_t i = 0; i < kPhaseCount; ++i)
    if (run.phases[i].completed) phases_[static_cast<Phase>(i)].observe(run.phases[i].duration);
  count_replies(run);
  see(endpoint, run);
}

void ServerLedger::observe_dns(Duration took) { phases_[Phase::dns].observe(took); }

void ServerLedger::count_replies(const SessionRun& run) {
  for (const ReplyFact& reply : run.replies) {
    const std::string status = reply.enhanced.empty() ? "none" : enhanced_status_label(reply.enhanced);
    ++replies_[{reply.phase, std::string(code_label(reply.code)), status}];
  }
}

// An attempt that never got as far as to show a thing leaves what was known of it.
void ServerLedger::see(const Endpoint& endpoint, const SessionRun& run) {
  const SessionRun* confirmed = endpoint.last_known(key_.server);
  // A name with a certificate of its own is not told by a session that spoke to another.
  const bool has_own = confirmed != nullptr && confirmed->tls && confirmed->tls->sni == key_.server;
  if (run.tls && (!has_own || run.tls->sni == key_.server)) seen_[&endpoint].tls = run.tls;
  if (confirmed == nullptr) return;
  Seen& seen = seen_[&endpoint];
  if (confirmed->clear) seen.starttls_advertised = confirmed->clear->starttls;
  const PhaseRun& handshake = confirmed->at(Phase::tls);
  if (handshake.begun || confirmed->starttls_refusal) seen.handshake_success = handshake.completed;
}

std::optional<bool> ServerLedger::up() const {
  std::optional<bool> up;
  for (const Endpoint* endpoint : endpoints_)
    if (const SessionRun* run = endpoint->last_known(key_.server)) up = up.value_or(false) || diagnosis::answers(*run);
  return up;
}

ServerTls ServerLedger::tls() const {
  ServerTls all;
  const auto add = [&](const Seen& seen) {
    keep_lower(all.starttls_advertised, seen.starttls_advertised);
    keep_lower(all.handshake_success, seen.handshake_success);
    if (!seen.tls) return;
    all.version = seen.tls->version;
    all.cipher = seen.tls->cipher;
    if (!all.last_handshake || *all.last_handshake < seen.tls->at) all.last_handshake = seen.tls->at;
    if (!seen.tls->chain) return;
    const ChainFacts& chain = *seen.tls->chain;
    keep_lower(all.chain_ok, chain.verdict == ChainVerdict::trusted);
    const auto mine = std::ranges::find(chain.names, key_.server, &NameMatch::name);
    if (mine != chain.names.end()) keep_lower(all.hostname_ok, mine->matches);
    all.leaf_not_before = std::max(all.leaf_not_before.value_or(chain.leaf_not_before), chain.leaf_not_before);
    keep_earlier(all.leaf_not_after, chain.leaf_not_after);
    keep_earlier(all.chain_not_after, chain.chain_not_after);
  };
  for (const auto& [endpoint, seen] : seen_) add(seen);
  if (seen_.empty()) add(last_gone_);
  all.cert_mismatch = certificates_differ();
  add_oldest_version(all);
  add_transport(all);
  return all;
}

void ServerLedger::note(const std::shared_ptr<const Errand>& login) {
  std::erase_if(logins_, [](const auto& known) { return known.expired(); });
  const auto same = [&](const auto& known) { return known.lock() == login; };
  if (std::ranges::none_of(logins_, same)) logins_.push_back(login);
}

// Of several logins the one that fails speaks.
std::optional<bool> ServerLedger::auth_success() const {
  std::optional<bool> all;
  for (const auto& known : logins_)
    if (const auto login = known.lock(); login && login->result()) keep_lower(all, !login->result()->cause.has_value());
  return all;
}

std::vector<Finding> ServerLedger::findings() const {
  std::set<Finding> all;
  for (const Endpoint* endpoint : endpoints_)
    if (const SessionRun* run = endpoint->last_known(key_.server))
      for (const Finding finding : diagnosis::findings(*run)) all.insert(finding);
  add_version_findings(all);
  add_certificate_findings(all);
  add_tlsa_findings(all);
  return {all.begin(), all.end()};
}

ServerRecord ServerLedger::record() const {
  ServerRecord record{.key = key_,
                      .up = up(),
                      .probes = probes_,
                      .failures = failures_,
                      .phases = {},
                      .replies = {},
                      .tls = tls(),
                      .findings = findings(),
                      .auth_success = auth_success()};
  record.phases.assign(phases_.begin(), phases_.end());
  for (const auto& [key, count] : replies_) {
    const auto& [phase, code, status] = key;
    record.replies.push_back({phase, code, status, count});
  }
  return record;
}

AddressRecord address_record(const ServerName& server, const Endpoint& endpoint) {
  AddressRecord record{
      .key = {server, endpoint.key().peer}, .up = {}, .cause = {}, .since = {}, .last_probe = {}, .durations = {}};
  if (const SessionRun* run = endpoint.last_known(server)) {
    record.up = diagnosis::answers(*run);
    record.cause = diagnosis::cause_of(*run, endpoint.policy());
    record.since = endpoint.since();
  }
  if (const SessionRun* run = endpoint.latest()) {
    if (endpoint.unknown() && !diagnosis::has_no_route(*run)) record.cause = endpoint.unknown();
    record.last_probe = run->started;
    for (std::size_t i = 0; i < kPhaseCount; ++i)
      if (run->phases[i].completed) record.durations.emplace_back(static_cast<Phase>(i), run->phases[i].duration);
  }
  return record;
}

}  // namespace mxhealth::watch
