#include "lab/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "lab/certs.hpp"
#include "lab/yaml.hpp"

namespace mxhealth::lab {
namespace {

constexpr std::array<std::pair<std::string_view, Verb>, 14> kVerbs{{
    {"send", Verb::send},
    {"raw", Verb::raw},
    {"capabilities", Verb::capabilities},
    {"expect", Verb::expect},
    {"hear", Verb::hear},
    {"data", Verb::data},
    {"wait", Verb::wait},
    {"drip", Verb::drip},
    {"flood", Verb::flood},
    {"tls", Verb::tls},
    {"flight", Verb::flight},
    {"silence", Verb::silence},
    {"close", Verb::close},
    {"reset", Verb::reset},
}};

constexpr std::array<std::pair<std::string_view, Network>, 6> kNetworks{{
    {"accepts", Network::accepts},
    {"refuses", Network::refuses},
    {"drops", Network::drops},
    {"host_unreachable", Network::host_unreachable},
    {"net_unreachable", Network::net_unreachable},
    {"prohibited", Network::prohibited},
}};

template <class Table>
const auto* look_up(const Table& table, std::string_view word) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.first == word; });
  return row == table.end() ? nullptr : &row->second;
}

/// Cuts the first word off `text`.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::size_t parse_count(std::string_view word) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size())
    throw std::invalid_argument("'" + std::string(word) + "' is no number");
  return value;
}

char hex_byte(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
    throw std::invalid_argument("\\x needs two hexadecimal digits");
  return static_cast<char>(value);
}

std::string unescape(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEscapes{
      {{"r", '\r'}, {"n", '\n'}, {"t", '\t'}, {"0", '\0'}, {"\\", '\\'}}};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes += text[i];
    } else if (text[++i] == 'x') {
      bytes += hex_byte(text.substr(i + 1, 2));
      i += 2;
    } else if (const char* byte = look_up(kEscapes, text.substr(i, 1))) {
      bytes += *byte;
    } else {
      throw std::invalid_argument("unknown escape \\" + std::string(1, text[i]));
    }
  }
  return bytes;
}

Steps read_steps(const YAML::Node& node, const std::string& file) {
  if (!node.IsSequence()) yaml::fail(node, file, "a list of script lines is expected here");
  Steps steps;
  for (const YAML::Node& line : node) {
    try {
      steps.push_back(parse_step(yaml::text(line, file)));
    } catch (const std::invalid_argument& error) {
      yaml::fail(line, file, error.what());
    }
  }
  return steps;
}

void read_table(const YAML::Node& node, const std::string& file, std::map<std::string, Steps>& table) {
  yaml::for_each(node, file, {}, [&](const std::string& key, const YAML::Node& steps) {
    table.insert_or_assign(key, read_steps(steps, file));
  });
}

Network read_network(const YAML::Node& node, const std::string& file) {
  const Network* network = look_up(kNetworks, yaml::text(node, file));
  if (network == nullptr) yaml::fail(node, file, "unknown network '" + node.Scalar() + "'");
  return *network;
}

std::string read_certificate(const YAML::Node& node, const std::string& file) {
  const std::string kind = yaml::text(node, file);
  if (!is_certificate_kind(kind)) yaml::fail(node, file, "unknown kind of certificate '" + kind + "'");
  return kind;
}

void read_behaviour(const YAML::Node& node, const std::string& file, Behaviour& behaviour) {
  yaml::for_each(
      node, file,
      {"like", "about", "network", "certificate", "tls_max", "tls_min", "capabilities", "script", "on", "on_tls"},
      [&](const std::string& key, const YAML::Node& value) {
        if (key == "about") behaviour.about = yaml::text(value, file);
        if (key == "network") behaviour.network = read_network(value, file);
        if (key == "certificate") behaviour.certificate = read_certificate(value, file);
        if (key == "tls_max") behaviour.tls_max = yaml::text(value, file);
        if (key == "tls_min") behaviour.tls_min = yaml::text(value, file);
        if (key == "capabilities") behaviour.capabilities = yaml::texts(value, file);
        if (key == "script") behaviour.script = read_steps(value, file);
        if (key == "on") read_table(value, file, behaviour.on);
        if (key == "on_tls") read_table(value, file, behaviour.on_tls);
      });
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  const bool milli = text.ends_with("ms");
  if (!milli && !text.ends_with('s')) throw std::invalid_argument("'" + std::string(text) + "' is no time (2s, 300ms)");
  const auto amount = static_cast<long>(parse_count(text.substr(0, text.size() - (milli ? 2 : 1))));
  return std::chrono::milliseconds(milli ? amount : amount * 1000);
}

Step parse_step(std::string_view line) {
  const std::string_view word = take_word(line);
  const Verb* verb = look_up(kVerbs, word);
  if (verb == nullptr) throw std::invalid_argument("unknown script word '" + std::string(word) + "'");
  Step step;
  step.verb = *verb;
  if (step.verb == Verb::wait || step.verb == Verb::drip) step.pause = parse_duration(take_word(line));
  if (step.verb == Verb::flood || step.verb == Verb::flight) step.count = parse_count(take_word(line));
  const bool bytes = step.verb == Verb::raw || step.verb == Verb::drip || step.verb == Verb::flood;
  step.text = bytes ? unescape(line) : std::string(line);
  if (step.verb == Verb::flight && step.text != "close" && step.text != "reset" && step.text != "silence")
    throw std::invalid_argument("flight ends in close, reset or silence, not '" + step.text + "'");
  if ((step.verb == Verb::expect || bytes) && step.text.empty())
    throw std::invalid_argument("'" + std::string(word) + "' needs a text");
  return step;
}

BehaviourBook BehaviourBook::load(const std::string& file) {
  BehaviourBook book;
  const YAML::Node root = yaml::load(file);
  yaml::for_each(root, file, {"behaviours"}, [&](const std::string&, const YAML::Node& behaviours) {
    yaml::for_each(behaviours, file, {}, [&](const std::string& name, const YAML::Node& node) {
      auto behaviour = std::make_shared<Behaviour>(*book.read(node, file));
      behaviour->name = name;
      book.all_.push_back(std::move(behaviour));
    });
  });
  return book;
}

BehaviourPtr BehaviourBook::find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& known) { return known->name == name; });
  return found == all_.end() ? nullptr : *found;
}

BehaviourPtr BehaviourBook::read(const YAML::Node& node, const std::string& file) const {
  if (node.IsScalar()) {
    if (BehaviourPtr known = find(node.Scalar())) return known;
    yaml::fail(node, file, "unknown behaviour '" + node.Scalar() + "'");
  }
  if (!node.IsMap()) yaml::fail(node, file, "the name of a behaviour or a map is expected here");
  auto behaviour = std::make_shared<Behaviour>();
  const YAML::Node like = node["like"];
  if (BehaviourPtr base = find(like ? like.Scalar() : "ok")) {
    *behaviour = *base;
  } else if (like) {
    yaml::fail(like, file, "unknown behaviour '" + like.Scalar() + "'");
  }
  read_behaviour(node, file, *behaviour);
  return behaviour;
}

}  // namespace mxhealth::lab
