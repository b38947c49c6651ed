#include "ctl/suggest.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <ctime>
#include <exception>
#include <ostream>

#include "config/did_you_mean.hpp"
#include "config/load.hpp"
#include "config/names.hpp"
#include "config/parse_modules.hpp"
#include "ctl/served_key.hpp"
#include "model/transcript.hpp"
#include "net/own_name.hpp"
#include "net/resolver.hpp"
#include "net/system_resolvers.hpp"
#include "policy/suggest.hpp"
#include "probes/host.hpp"
#include "probes/mx.hpp"
#include "probes/texts.hpp"
#include "report/suggest_output.hpp"

namespace mxhealth::ctl {
namespace {

using policy::ObservedHost;
using policy::Topic;

constexpr int kNothing = 1;
constexpr int kNotLookedUp = 2;
constexpr int kWrongUsage = 3;

/// All that is looked at, and the addresses behind each host, in the order of the hosts.
struct Look {
  policy::Observed observed{};
  std::vector<std::vector<Address>> addresses{};
  std::vector<std::string> failed{};  ///< names about which DNS did not answer
};

std::optional<config::Config> configuration(const std::filesystem::path& file, std::ostream& err) {
  if (file.empty()) {
    config::Config config;
    config.modules = config::built_in_modules();
    return config;
  }
  config::Loaded loaded = config::load_config(file);
  for (const config::Problem& problem : loaded.problems) err << to_string(problem) << '\n';
  return std::move(loaded.config);
}

std::optional<Topic> topic_of(const std::string& word, std::ostream& err) {
  const auto* found = std::ranges::find(policy::kTopicLabels, word);
  if (found != policy::kTopicLabels.end()) return static_cast<Topic>(found - policy::kTopicLabels.begin());
  err << "mxhealthctl: nothing is suggested about '" << printable(word, 60) << "'"
      << config::suggestion(word, policy::kTopicLabels) << "; spf, dmarc, mta-sts, tls-rpt, tlsa or null-mx\n";
  return std::nullopt;
}

// The texts that begin as such records do.
net::awaitable<std::vector<std::string>> records_at(net::Resolver& resolver, Look& look, std::string owner,
                                                    std::string_view begins) {
  std::vector<std::string> records;
  const std::optional<Name> name = Name::parse(owner);
  if (!name) co_return records;
  const Name asked = *name;
  const probes::Texts found = co_await probes::look_up_texts(resolver, asked);
  if (!is_answer(found.end)) look.failed.push_back(asked.str());
  for (const std::string& text : found.texts)
    if (text.starts_with(begins)) records.push_back(text);
  co_return records;
}

std::string hex(const std::vector<std::uint8_t>& octets) {
  std::string text;
  for (const std::uint8_t octet : octets) text += fmt::format("{:02x}", octet);
  return text;
}

net::awaitable<void> add_host(net::Resolver& resolver, ServerName name, Look& look) {
  std::vector<Family> families{Family::ipv4, Family::ipv6};
  const HostFacts facts = co_await probes::look_up_host(resolver, name, std::move(families));
  ObservedHost host{.name = name, .has_addresses = !facts.addresses.empty()};
  const auto is_secure = [](const std::optional<LookupFacts>& lookup) {
    return lookup && lookup->end == LookupEnd::records && lookup->authenticated;
  };
  host.is_secure = is_secure(facts.ipv4) || is_secure(facts.ipv6);
  if (const auto owner = Name::parse("_25._tcp." + name.str())) {
    const Name asked = *owner;
    const net::Lookup lookup = co_await resolver.lookup(asked, dns::Type::tlsa);
    for (const dns::Record& record : lookup.answer->records)
      if (const auto* tlsa = std::get_if<dns::TlsaData>(&record.data))
        host.published_tlsa.push_back(
            fmt::format("{} {} {} {}", tlsa->usage, tlsa->selector, tlsa->matching_type, hex(tlsa->association)));
  }
  look.observed.hosts.push_back(std::move(host));
  look.addresses.push_back(facts.addresses);
}

net::awaitable<void> observe(net::Resolver& resolver, Look& look) {
  policy::Observed& observed = look.observed;
  const DomainName domain = observed.domain;
  const MxFacts mx = co_await probes::look_up_mx(resolver, domain);
  observed.mx_known = is_answer(mx.lookup.end);
  if (!observed.mx_known) look.failed.push_back(domain.str());
  observed.null_mx = mx.null_mx;
  observed.implicit_mx = mx.implicit;
  std::vector<ServerName> names;
  for (const MxHost& host : mx.hosts)
    if (names.size() < kMaxSuggestHosts && std::ranges::find(names, host.name) == names.end())
      names.push_back(host.name);
  for (const ServerName& name : names) co_await add_host(resolver, name, look);
  const std::string spf = domain.str();
  observed.spf = co_await records_at(resolver, look, spf, "v=spf1");
  const std::string dmarc = "_dmarc." + domain.str();
  observed.dmarc = co_await records_at(resolver, look, dmarc, "v=DMARC1");
  const std::string sts = "_mta-sts." + domain.str();
  observed.sts = co_await records_at(resolver, look, sts, "v=STSv1");
  const std::string reports = "_smtp._tls." + domain.str();
  observed.tls_rpt = co_await records_at(resolver, look, reports, "v=TLSRPTv1");
  // An implicit MX is a mail host only where there is an address.
  if (observed.implicit_mx) std::erase_if(observed.hosts, [](const ObservedHost& host) { return !host.has_addresses; });
}

void add_keys(Look& look, const config::Config& config) {
  const auto mx = config.modules.find("mx");
  const std::uint16_t port = mx == config.modules.end() ? std::uint16_t{25} : mx->second.port;
  for (std::size_t i = 0; i < look.observed.hosts.size(); ++i) {
    ObservedHost& host = look.observed.hosts[i];
    std::size_t asked = 0;
    for (const Address& address : look.addresses[i]) {
      if (++asked > kMaxSuggestAddresses) break;
      const bool may_be_dialled = address.is_global() || config.limits.non_public_targets;
      const ServedKey key = may_be_dialled ? served_key({address, port}, host.name, config.global.ehlo_name)
                                           : ServedKey{"", "not public, so not dialled"};
      if (key.sha256.empty()) host.silent.push_back(address.to_string() + ": " + key.problem);
      if (!key.sha256.empty() && std::ranges::find(host.keys, key.sha256) == host.keys.end())
        host.keys.push_back(key.sha256);
    }
  }
}

bool complete(config::Config& config, std::ostream& err) {
  if (config.resolvers.empty()) config.resolvers = net::system_resolvers();
  if (config.resolvers.empty()) {
    err << "mxhealthctl: no resolver is configured, and /etc/resolv.conf names none\n";
    return false;
  }
  if (!config.global.ehlo_name.is_root()) return true;
  const auto own = Name::parse(net::own_full_name());
  config.global.ehlo_name =
      own && !own->is_single_label() && !own->is_root() ? *own : *Name::parse("localhost.localdomain");
  return true;
}

void look_up(net::asio::io_context& io, const config::Config& config, Look& look) {
  net::ResolverSettings settings{.servers = config.resolvers,
                                 .timeout = config.global.timeouts.dns,
                                 .cache = {},
                                 .control = config.resolver_check.name};
  net::Resolver resolver(io, std::move(settings));
  bool is_done = false;
  std::exception_ptr bug;
  const auto ended = [&](const std::exception_ptr& thrown) {
    bug = thrown;
    is_done = true;
  };
  net::asio::co_spawn(io.get_executor(), observe(resolver, look), ended);
  while (!is_done && io.run_one() > 0) {
  }
  if (bug) std::rethrow_exception(bug);
}

}  // namespace

int suggest(net::asio::io_context& io, const SuggestRequest& request, std::ostream& out, std::ostream& err) {
  const auto topic = topic_of(request.topic, err);
  if (!topic) return kWrongUsage;
  const auto domain = config::name_from(request.domain);
  if (const auto* wrong = std::get_if<config::NotAName>(&domain)) {
    err << "mxhealthctl: '" << printable(request.domain, 60) << "' is no domain: " << wrong->why << '\n';
    return kWrongUsage;
  }
  auto config = configuration(request.config_file, err);
  if (!config || !complete(*config, err)) return kWrongUsage;
  Look look;
  look.observed.domain = std::get<Name>(domain);
  look.observed.now = fmt::format("{:%Y%m%d%H%M%S}", fmt::gmtime(std::time(nullptr)));
  for (const config::Network& network : config->dnsbl.addresses)
    look.observed.sending.push_back(network.address.to_string() + "/" + std::to_string(network.bits));
  look_up(io, *config, look);
  if (!look.failed.empty()) {
    err << "mxhealthctl: DNS did not answer about " << look.failed.front() << ", so nothing is suggested; ask again\n";
    return kNotLookedUp;
  }
  if (*topic == Topic::tlsa) add_keys(look, *config);
  const policy::Suggestion suggestion = policy::suggest(*topic, look.observed);
  const auto text = request.json ? report::json_of : report::zone_text_of;
  out << text(suggestion, *topic, look.observed.domain);
  return suggestion.records.empty() ? kNothing : 0;
}

}  // namespace mxhealth::ctl
