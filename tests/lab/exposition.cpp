#include "lab/exposition.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace mxhealth::lab {
namespace {

std::string take_quoted(std::string_view& text) {
  std::string value;
  std::size_t at = 1;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      value += text[at] == 'n' ? '\n' : text[at];
    } else {
      value += text[at];
    }
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  return value;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

Line parse_line(std::string_view text) {
  Line line;
  const auto name_end = std::min(text.find_first_of("{ "), text.size());
  line.name = text.substr(0, name_end);
  text.remove_prefix(name_end);
  if (text.starts_with('{')) {
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '}') {
      const auto equals = text.find("=\"");
      if (equals == std::string_view::npos) break;
      const std::string label(text.substr(0, equals));
      text.remove_prefix(equals + 1);
      line.labels[label] = take_quoted(text);
      if (text.starts_with(',')) text.remove_prefix(1);
    }
    if (text.starts_with('}')) text.remove_prefix(1);
  }
  const auto value = text.find_first_not_of(' ');
  if (value != std::string_view::npos) line.value = text.substr(value);
  return line;
}

Exposition::Exposition(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    Line parsed = parse_line(line);
    series_[parsed.name].push_back({std::move(parsed.labels), std::move(parsed.value)});
  }
}

std::vector<const Series*> Exposition::find(const std::string& name, const Labels& labels) const {
  std::vector<const Series*> found;
  const auto all = series_.find(name);
  if (all == series_.end()) return found;
  for (const Series& series : all->second) {
    const bool matches = std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
      const auto label = series.labels.find(wanted.first);
      return label != series.labels.end() && label->second == wanted.second;
    });
    if (matches) found.push_back(&series);
  }
  return found;
}

bool value_matches(std::string_view wanted, std::string_view seen) {
  if (wanted.empty() || wanted == "*") return true;
  const char comparison = wanted.front();
  if (comparison == '>' || comparison == '<') wanted.remove_prefix(1);
  const auto right = number(wanted), left = number(seen);
  if (!right || !left) return wanted == seen;
  return comparison == '>' ? *left > *right : comparison == '<' ? *left < *right : *left == *right;
}

std::string written(const std::string& name, const Labels& labels) {
  std::string text = name + "{";
  for (const auto& [label, value] : labels) text += (text.ends_with('{') ? "" : ",") + label + "=\"" + value + "\"";
  return text + "}";
}

std::string seen_text(const std::string& name, const std::vector<const Series*>& found) {
  std::string text;
  for (const Series* series : found)
    text += (text.empty() ? "" : "; ") + written(name, series->labels) + " " + series->value;
  return text.empty() ? "nothing" : text;
}

}  // namespace mxhealth::lab
