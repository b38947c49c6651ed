#include "config/parse_labels.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::config {
namespace {

/// Ours, Prometheus' own, and those that `promtool check metrics` takes for a histogram's.
constexpr std::array<std::string_view, 5> kTaken{"domain", "instance", "job", "le", "quantile"};

bool is_label_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kMaxLabelName && letter(text[0]) && std::ranges::all_of(text, fits);
}

}  // namespace

std::map<std::string, std::string> parse_labels(const Field& field) {
  std::map<std::string, std::string> labels;
  const auto members = field.members();
  if (!members) return labels;
  if (members->size() > kMaxLabels) field.fault("more than 16 labels");
  for (const Field& member : *members) {
    const std::string& name = member.node().key;
    const std::string& value = member.node().text;
    if (!is_label_name(name))
      member.error_at_key("not a label name", "up to 64 letters, digits and _");
    else if (name.starts_with("__"))
      member.error_at_key("names with __ in front are Prometheus' own");
    else if (std::ranges::find(kTaken, name) != kTaken.end())
      member.error_at_key("a label name that is taken");
    else if (!member.is(Node::Kind::scalar))
      member.error("not a text", "a text");
    else if (value.size() > kMaxLabelValue)
      member.error("longer than 256 octets");
    else
      labels.emplace(name, value);
  }
  return labels;
}

}  // namespace mxhealth::config
