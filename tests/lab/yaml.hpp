// Strict reading of the lab's YAML files: every complaint names file, line and column; unknown keys are errors.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "lab/script.hpp"

namespace mxhealth::lab::yaml {

[[noreturn]] void fail(const YAML::Node& node, const std::string& file, const std::string& message);

/// The first document of a file. Throws ScenarioError.
YAML::Node load(const std::string& file);

/// Calls `read` for every key and value of a map; a key outside `allowed` (when there is one) is an error.
void for_each(const YAML::Node& map, const std::string& file, std::initializer_list<std::string_view> allowed,
              const std::function<void(const std::string& key, const YAML::Node& value)>& read);

std::string text(const YAML::Node& node, const std::string& file);
long number(const YAML::Node& node, const std::string& file);
bool truth(const YAML::Node& node, const std::string& file);

/// A sequence of texts, or one text for a sequence of one.
std::vector<std::string> texts(const YAML::Node& node, const std::string& file);

}  // namespace mxhealth::lab::yaml
