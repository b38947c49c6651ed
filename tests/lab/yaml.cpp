#include "lab/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace mxhealth::lab::yaml {

void fail(const YAML::Node& node, const std::string& file, const std::string& message) {
  const YAML::Mark mark = node.Mark();
  throw ScenarioError(file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": " +
                      message);
}

YAML::Node load(const std::string& file) {
  try {
    return YAML::LoadFile(file);
  } catch (const YAML::BadFile&) {
    throw ScenarioError(file + ":1:1: cannot be read");
  } catch (const YAML::ParserException& error) {
    throw ScenarioError(file + ":" + std::to_string(error.mark.line + 1) + ":" + std::to_string(error.mark.column + 1) +
                        ": " + error.msg);
  }
}

void for_each(const YAML::Node& map, const std::string& file, std::initializer_list<std::string_view> allowed,
              const std::function<void(const std::string&, const YAML::Node&)>& read) {
  if (!map.IsMap()) fail(map, file, "a map is expected here");
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string key = entry.first.Scalar();
    if (!seen.insert(key).second) fail(entry.first, file, "duplicate key '" + key + "'");
    if (allowed.size() > 0 && std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      fail(entry.first, file, "unknown key '" + key + "'");
    }
    read(key, entry.second);
  }
}

std::string text(const YAML::Node& node, const std::string& file) {
  if (!node.IsScalar()) fail(node, file, "a text is expected here");
  return node.Scalar();
}

long number(const YAML::Node& node, const std::string& file) {
  const std::string digits = text(node, file);
  long value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0)
    fail(node, file, "'" + digits + "' is no number");
  return value;
}

bool truth(const YAML::Node& node, const std::string& file) {
  const std::string word = text(node, file);
  if (word != "true" && word != "false") fail(node, file, "true or false is expected, not '" + word + "'");
  return word == "true";
}

std::vector<std::string> texts(const YAML::Node& node, const std::string& file) {
  if (node.IsScalar()) return {node.Scalar()};
  if (!node.IsSequence()) fail(node, file, "a list of texts is expected here");
  std::vector<std::string> all;
  for (const YAML::Node& item : node) all.push_back(text(item, file));
  return all;
}

}  // namespace mxhealth::lab::yaml
