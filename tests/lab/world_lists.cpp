// Blocklists in a running world: their zones, their section of the exporter's configuration, what is right to say of
// whom.
#include <algorithm>
#include <stdexcept>

#include "lab/world.hpp"
#include "lab/world_config.hpp"

namespace mxhealth::lab {
namespace {

YAML::Node sequence(const std::vector<std::string>& texts) {
  YAML::Node node(YAML::NodeType::Sequence);
  for (const std::string& text : texts) node.push_back(text);
  return node;
}

/// As an operator would write down a list of his own, or one of the book.
YAML::Node list_config(const BlocklistSpec& list, const std::string& extra) {
  YAML::Node node;
  node["name"] = list.name;
  const YAML::Node said = YAML::Load(extra.empty() ? "{}" : extra);
  if (!said["book"]) {
    node["zone"] = list.zone;
    node["kinds"] = sequence(list.kinds);
    node["codes"]["127.0.0.2"] = "spam";
    if (list.allow_list) node["allow_list"] = true;
  }
  merge_config(node, said);
  return node;
}

}  // namespace

void World::publish_lists(const Scenario& scenario) {
  for (BlocklistSpec list : scenario.blocklists->lists) {
    decltype(list.entries) filled;
    try {
      for (const auto& [subject, said] : list.entries) filled.emplace(fill_in(subject, scenario), said);
      list.entries = std::move(filled);
      publish_list(list, *zone_);
    } catch (const std::invalid_argument& error) {
      throw ScenarioError(list.where + ": " + error.what());
    }
  }
}

YAML::Node World::blocklists_config(const Scenario& scenario) const {
  const BlocklistsSpec& blocklists = *scenario.blocklists;
  YAML::Node node;
  node["interval"] = blocklists.interval;
  node["subjects"]["targets"] = blocklists.targets;
  YAML::Node addresses(YAML::NodeType::Sequence);
  for (const std::string& address : blocklists.addresses) addresses.push_back(fill_in(address, scenario));
  node["subjects"]["addresses"] = addresses;
  node["subjects"]["domains"] = sequence(blocklists.domains);
  for (const BlocklistSpec& list : blocklists.lists)
    node["lists"].push_back(list_config(list, fill_in(list.config, scenario)));
  return node;
}

ExpectedStates World::expected_states(const BlocklistSpec& list, const Scenario& scenario) const {
  ExpectedStates expected;
  for (const auto& [subject, states] : list.expect)
    if (subject != "*") expected.emplace(fill_in(subject, scenario), states);
  const auto others = list.expect.find("*");
  if (others == list.expect.end()) return expected;
  for (const auto* subjects : {&scenario.blocklists->addresses, &scenario.blocklists->domains}) {
    for (const std::string& written : *subjects) {
      const std::string subject = fill_in(written, scenario);
      if (subject.find('/') != std::string::npos) continue;  // whom of a network is meant, is said
      if (std::ranges::find(list.kinds, kind_of(subject)) != list.kinds.end())
        expected.emplace(subject, others->second);
    }
  }
  return expected;
}

}  // namespace mxhealth::lab
