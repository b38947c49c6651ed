// What DANE and MTA-STS demand of a role's hosts, beside what the configuration does: TLSA records are asked for only
// where every answer on the way is signed (RFC 7672 section 2.2), a policy counts only where it is enforced.
#include <algorithm>
#include <set>

#include "diagnosis/cause_of.hpp"
#include "policy/mta_sts.hpp"
#include "watch/endpoint.hpp"
#include "watch/role_watch.hpp"

namespace mxhealth::watch {
namespace {

std::set<std::uint16_t> tls_ports(const config::Walk& walk) {
  std::set<std::uint16_t> ports;
  for (const config::Module& module : walk.modules)
    if (module.tls != TlsPolicy::off) ports.insert(module.port);
  return ports;
}

// RFC 8461 section 4.1: a trusted chain for the name of the MX host.
bool is_verified(const SessionRun& run, const ServerName& server) {
  if (!run.tls || !run.tls->chain || run.tls->chain->verdict != ChainVerdict::trusted) return false;
  return std::ranges::any_of(run.tls->chain->names,
                             [&](const NameMatch& match) { return match.name == server && match.matches; });
}

// The session spoke to another name of this address, and was served another's certificate: one of our own name tells.
bool spoke_to_another(const SessionRun& run, const ServerName& server) {
  if (!run.tls || !run.tls->chain || run.tls->sni == server) return false;
  return std::ranges::none_of(run.tls->chain->names,
                              [&](const NameMatch& match) { return match.name == server && match.matches; });
}

}  // namespace

std::vector<TlsaQuestion> RoleWatch::tlsa_questions() const {
  std::vector<TlsaQuestion> questions;
  if (asks_mx() && (mx_.good() == nullptr || !mx_.good()->lookup.authenticated)) return questions;
  const std::set<std::uint16_t> ports = tls_ports(walk_);
  for (const ServerName& server : hosts()) {
    const auto held = hosts_.find(server);
    if (held == hosts_.end() || held->second.good() == nullptr) continue;
    for (const std::uint16_t port : ports) questions.push_back({server, port, *held->second.good()});
  }
  return questions;
}

bool RoleWatch::take(const ServerKey& server, TlsaFacts facts, Mono now, ResolverHealth resolver) {
  return tlsa_[server].take(std::move(facts), now, settings_.hold, resolver);
}

void RoleWatch::keep_tlsa_of(const std::vector<TlsaQuestion>& asked) {
  std::erase_if(tlsa_, [&](const auto& known) {
    return std::ranges::none_of(asked, [&](const TlsaQuestion& question) {
      return question.server == known.first.server && question.port == known.first.port;
    });
  });
}

void RoleWatch::take(std::optional<MtaSts> policy) { mta_sts_ = std::move(policy); }

bool RoleWatch::enforces_sts() const { return asks_mx() && mta_sts_ && mta_sts_->mode == StsMode::enforce; }

std::vector<Name> RoleWatch::reference_names(const ServerName& server, const TlsaFacts& tlsa) const {
  std::vector<Name> names{server};
  if (!tlsa.base.is_root() && tlsa.base != server) names.push_back(tlsa.base);
  if (asks_mx() && record_.key.domain != server) names.push_back(record_.key.domain);
  return names;
}

std::map<ServerKey, Transport> RoleWatch::transports() const {
  std::map<ServerKey, Transport> all;
  for (const ServerName& server : hosts()) {
    for (const std::uint16_t port : tls_ports(walk_)) {
      Transport& transport = all[{server, port}];
      const auto held = tlsa_.find({server, port});
      if (held != tlsa_.end() && held->second.current() != nullptr) transport.tlsa = *held->second.current();
      transport.names = reference_names(server, transport.tlsa);
      if (enforces_sts()) transport.sts_covered = policy::covers(*mta_sts_, server);
    }
  }
  return all;
}

std::optional<CauseFound> RoleWatch::enforced(const Endpoint& endpoint, const SessionRun& run, const ServerName& server,
                                              ResolverHealth resolver) const {
  if (record_.key.role != Role::mx) return std::nullopt;
  const auto held = tlsa_.find({server, endpoint.key().peer.port});
  const bool untold = spoke_to_another(run, server);
  const TlsaFacts* tlsa = nullptr;
  if (held != tlsa_.end()) tlsa = resolver == ResolverHealth::well ? held->second.current() : held->second.good();
  if (tlsa != nullptr) {
    const ChainFacts* chain = run.tls && run.tls->chain ? &*run.tls->chain : nullptr;
    const DaneState state = endpoint.dane(chain, *tlsa, reference_names(server, *tlsa)).state;
    if (state == DaneState::mismatch && !untold) return diagnosis::found(Cause::dane_mismatch);
    if (state == DaneState::lookup_failed) return diagnosis::found(Cause::dane_lookup_failed);
  }
  // Where TLS is off by configuration, nothing can be said about it.
  if (!enforces_sts() || !tls_ports(walk_).contains(endpoint.key().peer.port)) return std::nullopt;
  if (!policy::covers(*mta_sts_, server) || !(untold || is_verified(run, server)))
    return diagnosis::found(Cause::mta_sts_mismatch);
  return std::nullopt;
}

}  // namespace mxhealth::watch
