#include "config/public_resolvers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mxhealth::config {
namespace {

struct PublicResolver {
  std::string_view address;
  std::string_view whose;
};

constexpr PublicResolver kPublic[] = {
    {"8.8.8.8", "Google"},
    {"8.8.4.4", "Google"},
    {"2001:4860:4860::8888", "Google"},
    {"2001:4860:4860::8844", "Google"},
    {"2001:4860:4860::6464", "Google"},
    {"2001:4860:4860::64", "Google"},
    {"1.1.1.1", "Cloudflare"},
    {"1.0.0.1", "Cloudflare"},
    {"1.1.1.2", "Cloudflare"},
    {"1.0.0.2", "Cloudflare"},
    {"1.1.1.3", "Cloudflare"},
    {"1.0.0.3", "Cloudflare"},
    {"2606:4700:4700::1111", "Cloudflare"},
    {"2606:4700:4700::1001", "Cloudflare"},
    {"2606:4700:4700::1112", "Cloudflare"},
    {"2606:4700:4700::1002", "Cloudflare"},
    {"2606:4700:4700::1113", "Cloudflare"},
    {"2606:4700:4700::1003", "Cloudflare"},
    {"2606:4700:4700::64", "Cloudflare"},
    {"2606:4700:4700::6400", "Cloudflare"},
    {"9.9.9.9", "Quad9"},
    {"149.112.112.112", "Quad9"},
    {"9.9.9.10", "Quad9"},
    {"149.112.112.10", "Quad9"},
    {"9.9.9.11", "Quad9"},
    {"149.112.112.11", "Quad9"},
    {"2620:fe::fe", "Quad9"},
    {"2620:fe::9", "Quad9"},
    {"2620:fe::10", "Quad9"},
    {"2620:fe::fe:10", "Quad9"},
    {"2620:fe::11", "Quad9"},
    {"2620:fe::fe:11", "Quad9"},
    {"208.67.222.222", "OpenDNS"},
    {"208.67.220.220", "OpenDNS"},
    {"208.67.222.123", "OpenDNS"},
    {"208.67.220.123", "OpenDNS"},
    {"2620:119:35::35", "OpenDNS"},
    {"2620:119:53::53", "OpenDNS"},
    {"94.140.14.14", "AdGuard"},
    {"94.140.15.15", "AdGuard"},
    {"94.140.14.140", "AdGuard"},
    {"94.140.14.141", "AdGuard"},
    {"2a10:50c0::ad1:ff", "AdGuard"},
    {"2a10:50c0::ad2:ff", "AdGuard"},
    {"4.2.2.1", "Level 3"},
    {"4.2.2.2", "Level 3"},
    {"4.2.2.3", "Level 3"},
    {"4.2.2.4", "Level 3"},
    {"4.2.2.5", "Level 3"},
    {"4.2.2.6", "Level 3"},
    {"64.6.64.6", "UltraDNS"},
    {"64.6.65.6", "UltraDNS"},
    {"156.154.70.1", "UltraDNS"},
    {"156.154.71.1", "UltraDNS"},
    {"185.228.168.9", "CleanBrowsing"},
    {"185.228.169.9", "CleanBrowsing"},
    {"77.88.8.8", "Yandex"},
    {"77.88.8.1", "Yandex"},
    {"2a02:6b8::feed:0ff", "Yandex"},
    {"2a02:6b8:0:1::feed:0ff", "Yandex"},
    {"84.200.69.80", "DNS.WATCH"},
    {"84.200.70.40", "DNS.WATCH"},
    {"193.110.81.0", "DNS0.EU"},
    {"185.253.5.0", "DNS0.EU"},
    {"2a0f:fc80::", "DNS0.EU"},
    {"2a0f:fc81::", "DNS0.EU"},
    {"86.54.11.100", "DNS4EU"},
    {"86.54.11.200", "DNS4EU"},
    {"76.76.2.0", "Control D"},
    {"76.76.10.0", "Control D"},
    {"8.26.56.26", "Comodo"},
    {"8.20.247.20", "Comodo"},
    {"114.114.114.114", "114DNS"},
    {"223.5.5.5", "AliDNS"},
    {"223.6.6.6", "AliDNS"},
    {"74.82.42.42", "Hurricane Electric"},
    {"2001:470:20::2", "Hurricane Electric"},
};

}  // namespace

std::string_view public_resolver(const Address& resolver) {
  const auto same = [&](const PublicResolver& one) { return Address::parse(one.address) == resolver; };
  const auto found = std::ranges::find_if(kPublic, same);
  return found == std::end(kPublic) ? std::string_view() : found->whose;
}

std::optional<std::string> refused_through(const Address& resolver, const std::vector<dnsbl::List>& lists) {
  const std::string_view whose = public_resolver(resolver);
  if (whose.empty()) return std::nullopt;
  std::vector<std::string_view> refusing;
  for (const dnsbl::List& list : lists)
    if (list.needs_own_resolver) refusing.emplace_back(list.name);
  if (refusing.empty()) return std::nullopt;
  return fmt::format("{} is a public resolver ({}), which these blocklists refuse: {}; run a resolver of your own",
                     resolver.to_string(), whose, fmt::join(refusing, ", "));
}

}  // namespace mxhealth::config
