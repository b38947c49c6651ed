// Reads one scenario from the YAML of one file; README.md has the format. Throws ScenarioError. Files:
// scenario_reader.cpp for hosts and targets, scenario_dns.cpp for DNS answers, scenario_lists.cpp for blocklists,
// scenario_walks.cpp for the compact forms.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lab/scenario.hpp"
#include "lab/yaml.hpp"

namespace mxhealth::lab {

/// Reads one scenario of one file.
class ScenarioReader {
 public:
  ScenarioReader(std::string file, std::string name) : file_(std::move(file)) {
    scenario_.file = file_;
    scenario_.name = std::move(name);
  }

  Scenario read(const YAML::Node& root);
  Scenario read_walk(const YAML::Node& walk);
  Scenario read_oracle(const YAML::Node& entry);

 private:
  void read_hosts(const YAML::Node& hosts);
  void add_shared_host(const YAML::Node& behaviour);
  void read_walk_mx(const YAML::Node& mx, TargetSpec& target);
  void expect_delivery(const std::string& domain, const std::string& sender, const std::string& result);
  HostSpec read_host(const std::string& key, const YAML::Node& node);
  void read_domain(const YAML::Node& node);
  void read_server(const YAML::Node& node);
  void read_mx(const YAML::Node& node, TargetSpec& target);
  void read_expect(const YAML::Node& node, const std::string& domain);
  void read_dns(const YAML::Node& node);
  void read_dns_name(const std::string& name, const YAML::Node& node);
  AnswerSpec read_answer(const YAML::Node& node, const std::string& type);
  std::vector<std::string> read_record(const YAML::Node& node, const std::string& type);
  void add_cname_chain(const std::string& name, const YAML::Node& node);
  void read_blocklists(const YAML::Node& node);
  BlocklistSpec read_blocklist(const std::string& name, const YAML::Node& node);
  void read_entries(const YAML::Node& node, BlocklistSpec& list);
  ListAnswer read_list_answer(const YAML::Node& node);
  ExpectedStates read_expected_states(const YAML::Node& node);

  std::string full(const std::string& host) const;
  std::string known_or_verbatim(const std::string& host) const;
  std::string where(const YAML::Node& node) const;
  Manner manner(const YAML::Node& node) const;
  std::chrono::milliseconds duration(const YAML::Node& node) const;

  std::string file_;
  Scenario scenario_;
};

}  // namespace mxhealth::lab
