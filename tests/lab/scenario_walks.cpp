// The compact forms: many small scenarios over shared hosts. Walks say what the exporter must see, the oracle what real
// senders did under each TLS policy.
#include <algorithm>
#include <array>
#include <string_view>

#include "lab/scenario_reader.hpp"
#include "lab/yaml.hpp"

namespace mxhealth::lab {
namespace {

constexpr std::string_view kLiteral = "ip_literal";  // an MX target that is the address of `ok` written as a name

/// One host for each behaviour.
std::string shared_host(std::string behaviour) {
  std::replace(behaviour.begin(), behaviour.end(), '_', '-');
  return behaviour + ".mx.lab.test";
}

std::string mx_target(const std::string& behaviour) {
  if (behaviour == ".") return behaviour;
  return behaviour == kLiteral ? "${host." + shared_host("ok") + ".address}" : shared_host(behaviour);
}

/// What only an envelope probe can see.
bool is_about_envelope(std::string_view about) {
  return about.find("mail_") != std::string_view::npos || about.find("rcpt_") != std::string_view::npos;
}

/// The sender's policy as a target's own name for it; the place in the lists of the file.
constexpr std::array<std::string_view, 3> kPolicies{"opportunistic", "required", "verified"};

}  // namespace

/// However often it is named: the world takes equal hosts for one.
void ScenarioReader::add_shared_host(const YAML::Node& behaviour) {
  const std::string word = yaml::text(behaviour, file_);
  if (word == ".") return;
  if (word == kLiteral || word == "host_cname") add_shared_host(YAML::Node("ok"));
  if (word == kLiteral) return;
  HostSpec host;
  host.name = shared_host(word);
  if (word == "host_nx") host.dns = Manner::nxdomain;
  if (word == "host_sf") host.dns = Manner::servfail;
  if (word == "host_cname") host.cname = shared_host("ok");
  if (!host.dns && host.cname.empty()) host.serves.emplace(Service::mx, behaviour_book().read(behaviour, file_));
  scenario_.hosts.push_back(std::move(host));
}

void ScenarioReader::read_walk_mx(const YAML::Node& mx, TargetSpec& target) {
  for (const YAML::Node& pair : mx) {
    if (!pair.IsSequence() || pair.size() != 2) yaml::fail(pair, file_, "[preference, behaviour] is expected here");
    const std::string word = yaml::text(pair[1], file_);
    add_shared_host(pair[1]);
    scenario_.about += (scenario_.about.empty() ? "" : ", then ") + word;
    target.mx.emplace_back(std::to_string(yaml::number(pair[0], file_)), mx_target(word));
  }
}

Scenario ScenarioReader::read_walk(const YAML::Node& walk) {
  TargetSpec target;
  target.name = scenario_.domain();
  target.where = where(walk);
  yaml::for_each(walk, file_, {"mx", "needs", "expect"}, [&](const std::string& key, const YAML::Node& value) {
    if (key == "mx") read_walk_mx(value, target);
    if (key == "needs") scenario_.needs = yaml::texts(value, file_);
    if (key == "expect") read_expect(value, target.name);
  });
  scenario_.targets.push_back(std::move(target));
  return std::move(scenario_);
}

/// One domain for each policy, all with the same hosts.
Scenario ScenarioReader::read_oracle(const YAML::Node& entry) {
  TargetSpec target;
  target.where = where(entry);
  std::vector<std::string> postfix, exim;
  yaml::for_each(entry, file_, {"mx", "dns", "address", "postfix", "exim"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "mx") read_walk_mx(value, target);
                   if (key == "address") add_shared_host(value), target.address = shared_host(value.Scalar());
                   if (key == "postfix") postfix = yaml::texts(value, file_);
                   if (key == "exim") exim = yaml::texts(value, file_);
                 });
  if (postfix.size() != kPolicies.size() || exim.size() != kPolicies.size())
    yaml::fail(entry, file_, "postfix and exim have a result for each of opportunistic, required, verified");
  const std::string module = is_about_envelope(scenario_.about) ? "inbox" : "mx";
  for (std::size_t i = 0; i < kPolicies.size(); ++i) {
    target.name = std::string(kPolicies[i]) + "." + scenario_.domain();
    target.extra = "{modules: [" + module + "], expect: {starttls: " + std::string(kPolicies[i]) + "}}";
    if (entry["dns"]) read_dns_name(target.name, entry["dns"]);
    scenario_.targets.push_back(target);
    expect_delivery(target.name, "postfix", postfix[i]);
    expect_delivery(target.name, "exim", exim[i]);
  }
  return std::move(scenario_);
}

/// `result`: an outcome, and the enhanced status where the sender logs one.
void ScenarioReader::expect_delivery(const std::string& domain, const std::string& sender, const std::string& result) {
  const auto blank = result.find(' ');
  std::string line = R"(mxhealth_domain_delivery_info{domain=")" + domain + R"(",role="mx",sender=")" + sender +
                     R"(",outcome=")" + result.substr(0, blank) + '"';
  if (blank != std::string::npos) line += R"(,enhanced_status=")" + result.substr(blank + 1) + '"';
  scenario_.metrics.push_back(line + "} 1");
}

}  // namespace mxhealth::lab
