#include "probes/mta_sts.hpp"

#include <algorithm>
#include <utility>

#include "net/https_get.hpp"
#include "policy/mta_sts.hpp"
#include "policy/mta_sts_judge.hpp"
#include "probes/host.hpp"
#include "probes/texts.hpp"

namespace mxhealth::probes {
namespace {

std::vector<Family> wanted_families(config::Families families) {
  std::vector<Family> wanted;
  for (const Family family : {Family::ipv4, Family::ipv6})
    if (includes(families, family)) wanted.push_back(family);
  return wanted;
}

net::HttpsRequest request_for(const config::Config& config, const ServerName& host, std::vector<Peer> peers) {
  net::HttpsRequest request;
  request.host = host;
  request.path = "/.well-known/mta-sts.txt";
  request.peers = std::move(peers);
  request.sources = config.global.source_addresses;
  request.connect = std::min(config.global.timeouts.connect, request.connect);
  request.total = std::min(config.global.timeouts.session, kPolicyFetch);
  request.max_body = policy::kMaxStsPolicy;
  return request;
}

}  // namespace

std::vector<Peer> policy_peers(const std::vector<Address>& found, std::uint16_t port, bool non_public) {
  std::vector<Peer> v4, v6, peers;
  for (const Address& address : found)
    if (non_public || address.is_global()) (address.family() == Family::ipv4 ? v4 : v6).push_back({address, port});
  for (std::size_t i = 0; i < std::max(v4.size(), v6.size()); ++i) {
    if (i < v6.size()) peers.push_back(v6[i]);
    if (i < v4.size()) peers.push_back(v4[i]);
  }
  return peers;
}

net::awaitable<PolicyFacts> look_up_mta_sts(PolicyTools& tools, const PolicySubject& subject) {
  const config::Config& config = tools.config;
  policy::StsLook look;
  look.domain = subject.domain;
  look.mx = subject.mx;
  look.last = subject.last_mta_sts;
  const auto owner = Name::parse("_mta-sts." + subject.domain.str());
  const auto host = policy::sts_policy_host(subject.domain);
  if (!owner || !host) {  // a domain so long that it cannot have a policy
    look.record_end = LookupEnd::nxdomain;
    co_return policy::judge_mta_sts(look);
  }
  Texts record = co_await look_up_texts(tools.resolver, *owner, tools.max_age);
  look.record_end = record.end;
  look.texts = std::move(record.texts);
  std::vector<Family> families = wanted_families(config.global.families);
  look.host = co_await look_up_host(tools.resolver, *host, std::move(families));
  std::vector<Peer> peers =
      policy_peers(look.host.addresses, config.global.mta_sts_port, config.limits.non_public_targets);
  look.not_public = !look.host.addresses.empty() && peers.empty();
  if (!peers.empty()) {
    net::HttpsRequest request = request_for(config, *host, std::move(peers));
    request.stop = tools.stop;
    HttpsFacts fetch = co_await net::https_get(tools.session, std::move(request));
    look.fetch = std::move(fetch);
  }
  look.now = std::chrono::system_clock::now();
  co_return policy::judge_mta_sts(look);
}

}  // namespace mxhealth::probes
