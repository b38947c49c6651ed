#include "lab/scenario_reader.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "lab/yaml.hpp"

namespace mxhealth::lab {
std::string ScenarioReader::where(const YAML::Node& node) const {
  return file_ + ":" + std::to_string(node.Mark().line + 1) + ":" + std::to_string(node.Mark().column + 1);
}

/// A host's full name: relative ones live below the scenario's domain, "@" is that domain.
std::string ScenarioReader::full(const std::string& host) const {
  if (host == "@") return scenario_.domain();
  return host.find('.') == std::string::npos ? host + "." + scenario_.domain() : host;
}

/// What an MX record may point at: a host of this scenario, else whatever is written.
std::string ScenarioReader::known_or_verbatim(const std::string& host) const {
  const std::string name = full(host);
  const auto known = [&](const HostSpec& spec) { return spec.name == name; };
  return std::any_of(scenario_.hosts.begin(), scenario_.hosts.end(), known) ? name : host;
}

Manner ScenarioReader::manner(const YAML::Node& node) const {
  try {
    return parse_manner(yaml::text(node, file_));
  } catch (const std::invalid_argument& error) {
    yaml::fail(node, file_, error.what());
  }
}

Scenario ScenarioReader::read(const YAML::Node& root) {
  if (const YAML::Node hosts = root["hosts"]) read_hosts(hosts);
  yaml::for_each(root, file_,
                 {"name", "about", "copies", "needs", "hosts", "domains", "servers", "dns", "blocklists", "resolvers",
                  "config", "companion", "metrics", "absent", "undialled"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "about") scenario_.about = yaml::text(value, file_);
                   if (key == "needs") scenario_.needs = yaml::texts(value, file_);
                   if (key == "domains")
                     for (const YAML::Node& domain : value) read_domain(domain);
                   if (key == "servers")
                     for (const YAML::Node& server : value) read_server(server);
                   if (key == "dns") read_dns(value);
                   if (key == "blocklists") read_blocklists(value);
                   if (key == "config") scenario_.config = YAML::Dump(value);
                   if (key == "companion") scenario_.companion = yaml::truth(value, file_);
                   if (key == "metrics") scenario_.metrics = yaml::texts(value, file_);
                   if (key == "absent") scenario_.absent = yaml::texts(value, file_);
                   if (key == "undialled")
                     for (const std::string& host : yaml::texts(value, file_))
                       scenario_.undialled.push_back(full(host));
                   if (key != "resolvers") return;
                   for (const std::string& mood : yaml::texts(value, file_)) {
                     try {
                       scenario_.resolvers.push_back(parse_mood(mood));
                     } catch (const std::invalid_argument& error) {
                       yaml::fail(value, file_, error.what());
                     }
                   }
                 });
  return std::move(scenario_);
}

void ScenarioReader::read_hosts(const YAML::Node& hosts) {
  yaml::for_each(hosts, file_, {}, [&](const std::string& key, const YAML::Node& node) {
    scenario_.hosts.push_back(read_host(key, node));
  });
}

HostSpec ScenarioReader::read_host(const std::string& key, const YAML::Node& node) {
  HostSpec host;
  host.name = full(key);
  const BehaviourBook& book = behaviour_book();
  if (node.IsScalar()) {
    host.serves.emplace(Service::mx, book.read(node, file_));
    return host;
  }
  yaml::for_each(node, file_, {"mx", "submission", "submissions", "https", "same_as", "cname", "dns", "ptr", "family"},
                 [&](const std::string& word, const YAML::Node& value) {
                   for (const auto& [name, service] : kServices)
                     if (word == name) host.serves.emplace(service, book.read(value, file_));
                   if (word == "same_as") host.same_as = full(yaml::text(value, file_));
                   if (word == "cname") host.cname = full(yaml::text(value, file_));
                   if (word == "dns") host.dns = manner(value);
                   if (word == "ptr") host.ptr = yaml::text(value, file_);
                   if (word == "family") host.ipv6 = yaml::text(value, file_) == "ipv6";
                 });
  return host;
}

void ScenarioReader::read_mx(const YAML::Node& node, TargetSpec& target) {
  if (!node.IsSequence()) yaml::fail(node, file_, "a list of [preference, host] is expected here");
  for (const YAML::Node& pair : node) {
    if (!pair.IsSequence() || pair.size() != 2) yaml::fail(pair, file_, "[preference, host] is expected here");
    target.mx.emplace_back(std::to_string(yaml::number(pair[0], file_)), known_or_verbatim(yaml::text(pair[1], file_)));
  }
}

void ScenarioReader::read_domain(const YAML::Node& node) {
  TargetSpec target;
  target.where = where(node);
  const YAML::Node name = node["name"];
  target.name = name ? full(yaml::text(name, file_)) : scenario_.domain();
  yaml::for_each(node, file_, {"name", "mx", "address", "dns", "target", "expect"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "mx") read_mx(value, target);
                   if (key == "address") target.address = full(yaml::text(value, file_));
                   if (key == "dns") read_dns_name(target.name, value);
                   if (key == "target") target.extra = YAML::Dump(value);
                   if (key == "expect") read_expect(value, target.name);
                 });
  scenario_.targets.push_back(std::move(target));
}

void ScenarioReader::read_server(const YAML::Node& node) {
  TargetSpec target;
  target.server = true;
  target.where = where(node);
  yaml::for_each(node, file_, {"host", "target", "expect"}, [&](const std::string& key, const YAML::Node& value) {
    if (key == "host") target.name = full(yaml::text(value, file_));
    if (key == "target") target.extra = YAML::Dump(value);
    if (key == "expect") read_expect(value, full(yaml::text(node["host"], file_)));
  });
  if (target.name.empty()) yaml::fail(node, file_, "'host' is missing");
  scenario_.targets.push_back(std::move(target));
}

void ScenarioReader::read_expect(const YAML::Node& node, const std::string& domain) {
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) read_expect(item, domain);
    return;
  }
  Expectation expected;
  expected.domain = domain;
  yaml::for_each(node, file_, {"role", "verdict", "cause", "enhanced_status"},
                 [&](const std::string& key, const YAML::Node& value) {
                   const std::string word = yaml::text(value, file_);
                   if (key == "role") expected.role = word;
                   if (key == "verdict") expected.verdict = word;
                   if (key == "cause") expected.cause = word;
                   if (key == "enhanced_status") expected.enhanced_status = word;
                 });
  if (expected.verdict.empty()) yaml::fail(node, file_, "'verdict' is missing");
  if (expected.cause.empty() != expected.enhanced_status.empty())
    yaml::fail(node, file_, "'cause' and 'enhanced_status' go together");
  scenario_.expect.push_back(std::move(expected));
}

}  // namespace mxhealth::lab
