// What a scenario says about blocklists.
#include <algorithm>
#include <stdexcept>

#include "lab/scenario_reader.hpp"
#include "lab/yaml.hpp"

namespace mxhealth::lab {
namespace {

constexpr std::string_view kStates[] = {"clean", "listed", "unknown", "refused", "unhealthy"};

}  // namespace

void ScenarioReader::read_blocklists(const YAML::Node& node) {
  BlocklistsSpec& blocklists = scenario_.blocklists.emplace();
  yaml::for_each(node, file_, {"interval", "targets", "addresses", "domains", "lists"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "interval") blocklists.interval = yaml::text(value, file_);
                   if (key == "targets") blocklists.targets = yaml::truth(value, file_);
                   if (key == "addresses") blocklists.addresses = yaml::texts(value, file_);
                   if (key == "domains") blocklists.domains = yaml::texts(value, file_);
                   if (key != "lists") return;
                   yaml::for_each(value, file_, {}, [&](const std::string& name, const YAML::Node& list) {
                     blocklists.lists.push_back(read_blocklist(name, list));
                   });
                 });
}

/// A list with `entries` is honest about them; with `everything` it says one thing to everybody, its test points too.
BlocklistSpec ScenarioReader::read_blocklist(const std::string& name, const YAML::Node& node) {
  BlocklistSpec list;
  list.name = name;
  list.where = where(node);
  list.zone = name + "." + scenario_.domain();
  list.kinds = {"ipv4"};
  std::optional<std::vector<std::string>> test_points;
  bool everything = false;
  yaml::for_each(node, file_,
                 {"zone", "kinds", "keyed", "allow_list", "test_points", "test_answer", "entries", "others",
                  "everything", "delay", "ttl", "config", "expect", "healthy"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "zone") list.zone = canonical(yaml::text(value, file_));
                   if (key == "kinds") list.kinds = yaml::texts(value, file_);
                   if (key == "keyed") list.keyed = yaml::truth(value, file_);
                   if (key == "allow_list") list.allow_list = yaml::truth(value, file_);
                   if (key == "test_points") test_points = yaml::texts(value, file_);
                   if (key == "test_answer") list.test_answer = yaml::text(value, file_);
                   if (key == "entries") read_entries(value, list);
                   if (key == "others" || key == "everything") list.others = read_list_answer(value);
                   if (key == "everything") everything = true;
                   if (key == "delay") list.delay = duration(value);
                   if (key == "ttl") list.ttl = static_cast<std::uint32_t>(yaml::number(value, file_));
                   if (key == "config") list.config = YAML::Dump(value);
                   if (key == "expect") list.expect = read_expected_states(value);
                   if (key == "healthy") list.healthy = yaml::truth(value, file_);
                 });
  if (everything && (test_points || !list.entries.empty()))
    yaml::fail(node, file_, "a list that says one thing to everybody has neither entries nor test points");
  if (test_points) list.test_points = *test_points;
  if (!test_points && !everything)
    for (const std::string& kind : list.kinds) list.test_points.emplace_back(listed_point(kind));
  return list;
}

void ScenarioReader::read_entries(const YAML::Node& node, BlocklistSpec& list) {
  yaml::for_each(node, file_, {}, [&](const std::string& subject, const YAML::Node& value) {
    list.entries.emplace(subject, read_list_answer(value));
  });
}

/// An address, a list of them, a word for how it is answered, or a map that says more.
ListAnswer ScenarioReader::read_list_answer(const YAML::Node& node) {
  ListAnswer said;
  said.where = where(node);
  if (node.IsMap()) {
    yaml::for_each(node, file_, {"answers", "reason", "in_turn"}, [&](const std::string& key, const YAML::Node& value) {
      if (key == "answers") said.answers = read_list_answer(value).answers;
      if (key == "reason") said.reason = yaml::text(value, file_);
      if (key == "in_turn") said.in_turn = yaml::truth(value, file_);
    });
    return said;
  }
  for (const std::string& text : yaml::texts(node, file_)) {
    if (kind_of(text) == "ipv4") {
      said.answers.push_back(text);
    } else {
      said.manner = manner(node);
    }
  }
  return said;
}

/// `listed`, `[unknown, unhealthy]`, or a map of them by subject.
ExpectedStates ScenarioReader::read_expected_states(const YAML::Node& node) {
  ExpectedStates expected;
  const auto add = [&](const std::string& subject, const YAML::Node& value) {
    for (const std::string& state : yaml::texts(value, file_)) {
      if (std::ranges::find(kStates, state) == std::end(kStates))
        yaml::fail(value, file_, "unknown state of a listing '" + state + "'");
      expected[subject].push_back(state);
    }
  };
  if (node.IsMap()) {
    yaml::for_each(node, file_, {}, add);
  } else {
    add("*", node);
  }
  return expected;
}

std::chrono::milliseconds ScenarioReader::duration(const YAML::Node& node) const {
  try {
    return parse_duration(yaml::text(node, file_));
  } catch (const std::invalid_argument& error) {
    yaml::fail(node, file_, error.what());
  }
}

}  // namespace mxhealth::lab
