#include "daemon/bring_up.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "config/load.hpp"
#include "config/public_resolvers.hpp"
#include "net/own_name.hpp"
#include "net/system_resolvers.hpp"

namespace mxhealth::daemon {
namespace {

constexpr std::size_t kDescriptorsKept = 600;  // listeners, web connections, DNS channels, files
constexpr std::size_t kLeastInFlight = 16;

void fill_ehlo_name(config::Config& config, BroughtUp& result) {
  if (!config.global.ehlo_name.is_root()) return;
  const std::string text = net::own_full_name();
  const auto name = Name::parse(text);
  if (!name || name->is_single_label() || Address::parse(text)) {
    result.errors.push_back(
        "global.ehlo_name: this host's own name '" + text +
        "' is not fully qualified, and mail servers refuse such a greeting; set global.ehlo_name to "
        "a name that resolves to this host");
    return;
  }
  config.global.ehlo_name = *name;
}

void fill_resolvers(config::Config& config, BroughtUp& result) {
  if (!config.resolvers.empty()) return;  // what is to be said of them, the check of the file has said
  config.resolvers = net::system_resolvers();
  for (const auto& resolver : config.resolvers)
    if (const auto refused = config::refused_through(resolver.address, config.dnsbl.lists))
      result.warnings.push_back("dnsbl: the system's resolver " + *refused);
  if (config.resolvers.empty())
    result.errors.emplace_back("resolvers: none is configured, and /etc/resolv.conf names none");
}

std::size_t fit_to_descriptors(std::size_t wanted, BroughtUp& result) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;  // the soft limit is for programs that use select()
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t all = limit.rlim_cur;
  const std::size_t left = all > kDescriptorsKept + kLeastInFlight ? all - kDescriptorsKept : kLeastInFlight;
  if (wanted <= left) return wanted;
  result.warnings.push_back("limits.in_flight: lowered from " + std::to_string(wanted) + " to " + std::to_string(left) +
                            ", since this process may open " + std::to_string(all) + " descriptors");
  return left;
}

}  // namespace

BroughtUp bring_up(const std::filesystem::path& config_file, const config::Shard& shard) {
  BroughtUp result;
  config::Loaded loaded = config::load_config(config_file);
  for (const config::Problem& problem : loaded.problems)
    (problem.severity == config::Severity::error ? result.errors : result.warnings).push_back(to_string(problem));
  if (!loaded.config) return result;
  config::Config& config = *loaded.config;
  fill_ehlo_name(config, result);
  fill_resolvers(config, result);
  auto trust = tls::TrustStore::load(config.global.tls_ca_file.string());
  if (const auto* error = std::get_if<tls::TrustStore::Error>(&trust)) result.errors.push_back(error->text);
  const std::size_t in_flight = fit_to_descriptors(static_cast<std::size_t>(config.limits.in_flight), result);
  const std::size_t all_targets = config.targets.size();
  config::keep_own(config, shard);
  if (result.errors.empty())
    result.ready.emplace(std::move(config), std::get<tls::TrustStore>(std::move(trust)), in_flight, all_targets);
  return result;
}

}  // namespace mxhealth::daemon
