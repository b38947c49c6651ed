#include "lab/scenario.hpp"

#include <algorithm>

#include "lab/scenario_reader.hpp"
#include "lab/yaml.hpp"

namespace mxhealth::lab {
namespace {

namespace fs = std::filesystem;

std::vector<Scenario> load_file(const fs::path& path) {
  const std::string file = path.string();
  const YAML::Node root = yaml::load(file);
  std::vector<Scenario> scenarios;
  if (!root.IsMap()) yaml::fail(root, file, "a map is expected here");
  if (const YAML::Node walks = root["walks"]) {
    yaml::for_each(walks, file, {}, [&](const std::string& name, const YAML::Node& walk) {
      scenarios.push_back(ScenarioReader(file, name).read_walk(walk));
    });
    return scenarios;
  }
  if (const YAML::Node oracle = root["oracle"]) {
    yaml::for_each(oracle, file, {}, [&](const std::string& name, const YAML::Node& entry) {
      scenarios.push_back(ScenarioReader(file, name).read_oracle(entry));
    });
    return scenarios;
  }
  const YAML::Node named = root["name"], copied = root["copies"];
  const std::string name = named ? yaml::text(named, file) : path.stem().string();
  const long copies = copied ? yaml::number(copied, file) : 0;
  if (copies == 0) scenarios.push_back(ScenarioReader(file, name).read(root));
  for (long copy = 1; copy <= copies; ++copy)
    scenarios.push_back(ScenarioReader(file, name + "-" + std::to_string(copy)).read(root));
  return scenarios;
}

}  // namespace

bool Scenario::needs_netns() const { return std::find(needs.begin(), needs.end(), "netns") != needs.end(); }

std::filesystem::path scenario_directory() { return MXHEALTH_LAB_SCENARIOS; }
std::filesystem::path oracle_file() { return scenario_directory().parent_path() / "oracle.yml"; }

const BehaviourBook& behaviour_book() {
  static const BehaviourBook book =
      BehaviourBook::load((scenario_directory().parent_path() / "behaviours.yml").string());
  return book;
}

std::vector<Scenario> load_scenarios(const fs::path& path) {
  if (!fs::is_directory(path)) return load_file(path);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.path().extension() == ".yml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Scenario> all;
  for (const fs::path& file : files)
    for (Scenario& scenario : load_file(file)) all.push_back(std::move(scenario));
  return all;
}

std::vector<std::vector<Scenario>> worlds_of(std::vector<Scenario> scenarios) {
  std::vector<std::vector<Scenario>> worlds(1);
  for (Scenario& scenario : scenarios) {
    if (!scenario.alone()) {
      worlds.front().push_back(std::move(scenario));
    } else {
      worlds.emplace_back().push_back(std::move(scenario));
    }
  }
  if (worlds.front().empty()) worlds.erase(worlds.begin());
  return worlds;
}

}  // namespace mxhealth::lab
