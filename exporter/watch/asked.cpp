#include "watch/asked.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/names.hpp"
#include "config/networks.hpp"
#include "model/transcript.hpp"

namespace mxhealth::watch {
namespace {

using config::HostSource;
using config::Module;
using config::Target;
using config::Walk;

constexpr std::size_t kMaxAsked = 1024;             // octets of a target: a name may be written in U-labels
constexpr std::size_t kMaxShown = 80;               // of what somebody wrote, said back to him
constexpr Duration kOnce = std::chrono::hours(24);  // until the next look, which never comes
constexpr Duration kLookAgain = std::chrono::milliseconds(200);  // when our resolver was unsure of itself

/// A host as written: a name or an address, with a port or without.
struct Place {
  Name name;
  std::optional<Address> address;
  std::optional<std::uint16_t> port;
  bool is_host() const { return address || port; }
};

Refusal malformed(std::string sentence) { return {Refusal::Why::malformed, std::move(sentence)}; }
Refusal not_allowed(std::string sentence) { return {Refusal::Why::not_allowed, std::move(sentence)}; }

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && port > 0 ? std::optional(port) : std::nullopt;
}

std::variant<Place, Refusal> place_of(std::string_view text) {
  const std::string shown = "'" + printable(text, kMaxShown) + "'";
  if (text.empty()) return malformed("target is missing: a domain, host:port, or an address");
  if (text.size() > kMaxAsked) return malformed("the target is too long");
  Place place;
  std::string_view host = text;
  if (text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return malformed(shown + " has no ]");
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else if (!Address::parse(text)) {
    host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
  } else {
    text = {};
  }
  if (!text.empty()) {
    place.port = port_of(text.substr(1));
    if (text.front() != ':' || !place.port) return malformed(shown + " does not end in a port from 1 to 65535");
  }
  place.address = Address::parse(host);
  if (place.address) {
    place.name = Name::of(*place.address);
    return place;
  }
  auto name = config::name_from(host);
  if (const auto* problem = std::get_if<config::NotAName>(&name))
    return malformed(shown + " is neither a name nor an address: " + printable(problem->why, 2 * kMaxShown));
  place.name = std::get<Name>(std::move(name));
  return place;
}

const Target* configured(const config::Config& config, const Name& name) {
  const auto found = std::ranges::find(config.targets, name, &Target::name);
  return found == config.targets.end() ? nullptr : &*found;
}

/// A module as the target has it, with what `expect` makes of it.
const Module* module_of(const Target* target, const std::string& name) {
  if (target == nullptr) return nullptr;
  for (const Walk& walk : target->walks)
    for (const Module& module : walk.modules)
      if (module.name == name) return &module;
  return nullptr;
}

std::optional<std::string> module_for(const config::Config& config, const Place& place, const Target* target) {
  if (!place.port) return "mx";
  if (target != nullptr)
    for (const Walk& walk : target->walks)
      for (const Module& module : walk.modules)
        if (module.port == *place.port) return module.name;
  for (const char* name : {"mx", "submission", "submissions"})
    if (const auto known = config.modules.find(name);
        known != config.modules.end() && known->second.port == *place.port)
      return name;
  return "mx";
}

bool lies_below(const Name& name, const Name& suffix) {
  if (name == suffix) return true;
  return name.view().ends_with(suffix.view()) && name.view()[name.view().size() - suffix.view().size() - 1] == '.';
}

bool is_allowed(const config::ProbeEndpoint& rules, const Place& place) {
  if (place.address)
    return std::ranges::any_of(rules.networks, [&](const auto& n) { return config::contains(n, *place.address); });
  return std::ranges::any_of(rules.suffixes, [&](const Name& suffix) {
    return place.name.view().size() >= suffix.view().size() && lies_below(place.name, suffix);
  });
}

bool is_known_host(const config::Config& config, const Name& name) {
  return std::ranges::any_of(config.targets, [&](const Target& target) {
    return target.name == name || std::ranges::any_of(target.walks, [&](const Walk& walk) {
             return std::ranges::find(walk.hosts, name) != walk.hosts.end();
           });
  });
}

bool is_known_port(const config::Config& config, std::uint16_t port) {
  return std::ranges::any_of(config.modules, [&](const auto& module) { return module.second.port == port; });
}

std::optional<Refusal> forbidden(const config::Config& config, const Place& place, const Module& module) {
  if (module.auth)
    return not_allowed(
        "module " + module.name +
        " logs in: that is done by the exporter's own timers, 5 minutes apart, and for nobody on demand");
  if (is_allowed(config.probe_endpoint, place)) return std::nullopt;
  if (!is_known_host(config, place.name))
    return not_allowed(place.name.str() + " is neither a configured target nor allowed by probe_endpoint.allow");
  if (place.port && !is_known_port(config, *place.port))
    return not_allowed("port " + std::to_string(*place.port) + " is no module's, and " + place.name.str() +
                       " is not allowed by probe_endpoint.allow");
  return std::nullopt;
}

/// Where the hosts are: as the target has it for that role, else as a bare name or a host is meant.
Walk walk_of(const Place& place, const Module& module, const Target* target) {
  Walk walk{module.role, HostSource::named_hosts, {place.name}, {module}, {}};
  if (place.is_host()) return walk;
  if (target != nullptr) {
    const auto has = std::ranges::find(target->walks, module.role, &Walk::role);
    if (has != target->walks.end()) walk = *has;
    walk.modules = {module};
    if (has != target->walks.end() || target->kind == Target::Kind::server) return walk;
  }
  if (module.role == Role::mx) {
    walk.source = HostSource::mx_records;
    walk.hosts.clear();
  }
  return walk;
}

Refusal unknown_module(const config::Config& config, std::string_view module) {
  std::string known;
  for (const auto& [name, one] : config.modules) known += (known.empty() ? "" : ", ") + name;
  return {Refusal::Why::unknown_module,
          "no module is called '" + printable(module, kMaxShown) + "'; there are " + known};
}

void complete_recipient(Module& module, const Name& target) {
  if (module.envelope && module.envelope->to.find('@') == std::string::npos) module.envelope->to += "@" + target.str();
}

}  // namespace

std::variant<Target, Refusal> asked_for(const config::Config& config, std::string_view text, std::string_view module,
                                        Asker asker) {
  auto read = place_of(text);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  const Place& place = std::get<Place>(read);
  const Target* target = configured(config, place.name);
  if (!module.empty() && !config.modules.contains(std::string(module))) return unknown_module(config, module);
  if (target != nullptr && module.empty() && !place.is_host()) return *target;
  const std::string name = module.empty() ? *module_for(config, place, target) : std::string(module);
  const Module* as_configured = module_of(target, name);
  Module used = as_configured != nullptr ? *as_configured : config.modules.at(name);
  if (place.port) used.port = *place.port;
  if (asker == Asker::anybody)
    if (auto refusal = forbidden(config, place, used)) return *std::move(refusal);
  complete_recipient(used, place.name);
  Target made;
  if (target != nullptr) made = *target;
  made.name = place.name;
  made.walks = {walk_of(place, used, target)};
  const bool by_mx = made.walks.front().source == HostSource::mx_records;
  if (target == nullptr || place.is_host()) made.kind = by_mx ? Target::Kind::domain : Target::Kind::server;
  return made;
}

config::Config alone(const config::Config& all, Target target, Asker asker) {
  config::Config one;
  one.global = all.global;
  one.global.confirm = {.probes = 1, .after = kLookAgain};
  one.resolvers = all.resolvers;
  one.resolver_check = all.resolver_check;
  one.dnsbl.targets = false;
  one.policies = all.policies;
  one.policies.on = asker == Asker::the_operator && all.policies.on;  // a scrape does not wait for HTTPS
  one.limits = all.limits;
  if (asker == Asker::anybody) one.limits.also_dialled = all.probe_endpoint.networks;
  // Who writes a host's name or address at a terminal means that host, wherever it is.
  if (asker == Asker::the_operator && target.kind == Target::Kind::server) one.limits.non_public_targets = true;
  if (asker == Asker::anybody)
    for (Walk& walk : target.walks)
      for (Module& module : walk.modules) module.auth.reset();  // accounts get locked by too many tries
  target.interval = kOnce;
  one.targets.push_back(std::move(target));
  return one;
}

}  // namespace mxhealth::watch
