// The exporter's configuration for a world, and the placeholders that only a running world can fill in.
#include "lab/world_config.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>

#include "lab/world.hpp"

namespace mxhealth::lab {
namespace {

std::string duration(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + "s" : std::to_string(time.count()) + "ms";
}

YAML::Node module(const char* role, std::uint16_t port, const char* starttls) {
  YAML::Node node;
  node["role"] = role;
  node["port"] = port;
  node["starttls"] = starttls;
  return node;
}

YAML::Node global(const ConfigOptions& options, const std::string& ca_file) {
  YAML::Node node;
  node["interval"] = duration(options.interval);
  node["ehlo_name"] = "probe.lab.test";
  node["tls_ca_file"] = ca_file;
  node["sender_models"] = YAML::Load("[postfix, exim]");
  node["confirm"]["probes"] = options.confirm_probes;
  node["confirm"]["after"] = duration(options.confirm_after);
  YAML::Node timeouts = node["timeouts"];
  timeouts["dns"] = duration(options.dns);
  timeouts["connect"] = duration(options.connect);
  timeouts["banner"] = duration(options.banner);
  timeouts["reply"] = duration(options.reply);
  timeouts["tls"] = duration(options.tls);
  timeouts["session"] = duration(options.session);
  return node;
}

YAML::Node target(const TargetSpec& spec, const std::string& extra) {
  YAML::Node node;
  node[spec.server ? "server" : "domain"] = spec.name;
  node["own"] = true;
  if (!extra.empty()) merge_config(node, YAML::Load(extra));
  return node;
}

}  // namespace

void merge_config(YAML::Node into, const YAML::Node& from) {
  for (const auto& entry : from) {
    const std::string key = entry.first.Scalar();
    if (entry.second.IsMap() && into[key].IsMap()) {
      merge_config(into[key], entry.second);
    } else {
      into[key] = YAML::Clone(entry.second);
    }
  }
}

std::string World::config_yaml(const ConfigOptions& options) const {
  YAML::Node config;
  config["global"] = global(options, certificates_.ca_file().string());
  config["global"]["mta_sts_port"] = port(Service::https);
  for (const auto& resolver : resolvers_)
    config["resolvers"].push_back(resolver->endpoint().address().to_string() + ":" +
                                  std::to_string(resolver->endpoint().port()));
  config["modules"]["mx"] = module("mx", port(Service::mx), "opportunistic");
  config["modules"]["submission"] = module("submission", port(Service::submission), "verified");
  config["modules"]["submissions"] = module("submission", port(Service::submissions), "implicit");
  config["modules"]["inbox"] = module("mx", port(Service::mx), "opportunistic");
  config["modules"]["inbox"]["envelope"] = YAML::Load("{from: '', to: postmaster}");
  const std::string password = secret_file("password", kPassword).string();
  const std::pair<const char*, YAML::Node> logins[] = {
      {"login", module("submission", port(Service::submission), "verified")},
      {"login_required", module("submission", port(Service::submission), "required")},
      {"login_implicit", module("submission", port(Service::submissions), "implicit")},
  };
  for (const auto& [name, node] : logins) {
    config["modules"][name] = node;
    config["modules"][name]["auth"]["user"] = "probe";
    config["modules"][name]["auth"]["password_file"] = password;
  }
  config["limits"]["non_public_targets"] = true;
  config["dnsbl"] = "off";
  config["policies"] = "off";
  for (const Scenario& scenario : scenarios_) {
    for (const TargetSpec& spec : scenario.targets)
      config["targets"].push_back(target(spec, fill_in(spec.extra, scenario)));
    if (scenario.blocklists) config["dnsbl"] = blocklists_config(scenario);
    if (!scenario.config.empty()) merge_config(config, YAML::Load(fill_in(scenario.config, scenario)));
  }
  YAML::Emitter out;
  out << config;
  return std::string(out.c_str()) + "\n";
}

// Beside the CA file, with which it goes.
std::filesystem::path World::secret_file(const char* name, std::string_view secret) const {
  const auto file = certificates_.ca_file().parent_path() / name;
  std::ofstream(file) << secret << '\n';
  return file;
}

std::string World::fill_in(std::string text, const Scenario& scenario) const {
  const auto value = [&](const std::string& key) -> std::string {
    if (key == "domain") return scenario.domain();
    if (key == "port") return std::to_string(port(Service::mx));
    if (key == "password_file") return secret_file("password", kPassword).string();
    if (key == "key_file") return secret_file("key", kListKey).string();
    for (const auto& [word, service] : kServices)
      if (key == "port." + std::string(word)) return std::to_string(port(service));
    if (key.starts_with("tlsa.") && key.size() > 11) {  // tlsa.3.1.1.HOST
      std::string host = key.substr(11);
      if (host.find('.') == std::string::npos) host += "." + scenario.domain();
      const auto place = places_.find(host);
      const bool serves = place != places_.end() && place->second.spec.serves.contains(Service::mx);
      if (serves)
        return certificates_.tlsa(key.substr(5, 5), place->second.spec.serves.at(Service::mx)->certificate, host);
    }
    const auto last = key.rfind('.');
    if (key.starts_with("host.") && last > 5) {
      std::string host = key.substr(5, last - 5);
      if (host == "@") host = scenario.domain();
      if (host.find('.') == std::string::npos) host += "." + scenario.domain();
      const std::string what = key.substr(last + 1);
      if (what == "name" && places_.contains(host)) return host;
      if (const std::string address = address_of(host); what == "address" && !address.empty()) return address;
    }
    throw std::invalid_argument("unknown placeholder ${" + key + "}");
  };
  for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
    const auto end = text.find('}', at);
    if (end == std::string::npos) throw std::invalid_argument("a placeholder without an end: " + text);
    const std::string filled = value(text.substr(at + 2, end - at - 2));
    text.replace(at, end - at + 1, filled);
    at += filled.size();
  }
  return text;
}

}  // namespace mxhealth::lab
