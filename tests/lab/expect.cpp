#include "lab/expect.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace mxhealth::lab {
namespace {

using Labels = std::map<std::string, std::string, std::less<>>;

struct Series {
  Labels labels;
  std::string value;
};

/// `name{label="value",...} value`; `name` alone and a missing value are fine.
struct Line {
  std::string name;
  Labels labels;
  std::string value;
};

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

class Exposition {
 public:
  explicit Exposition(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.empty() || line.front() == '#') continue;
      Line parsed = parse_line(line);
      series_[parsed.name].push_back({std::move(parsed.labels), std::move(parsed.value)});
    }
  }

  /// All series of that name that have at least those labels.
  std::vector<const Series*> find(const std::string& name, const Labels& labels) const {
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

 private:
  std::map<std::string, std::vector<Series>> series_;
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
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

class Comparison {
 public:
  Comparison(const World& world, const Scenario& scenario, const Exposition& exposition)
      : world_(world), scenario_(scenario), exposition_(exposition) {}

  std::vector<std::string> run() {
    for (const Expectation& expected : scenario_.expect) judge(expected);
    for (const std::string& line : scenario_.metrics) must_appear(parse_line(world_.fill_in(line, scenario_)));
    for (const std::string& line : scenario_.absent) must_not_appear(parse_line(world_.fill_in(line, scenario_)));
    return std::move(differences_);
  }

 private:
  void judge(const Expectation& expected) {
    const Labels key{{"domain", expected.domain}, {"role", expected.role}};
    std::vector<const Series*> verdicts;
    for (const Series* series : exposition_.find("mxhealth_domain_verdict", key))
      if (value_matches("1", series->value)) verdicts.push_back(series);
    const bool as_expected = verdicts.size() == 1 && verdicts[0]->labels.contains("verdict") &&
                             verdicts[0]->labels.find("verdict")->second == expected.verdict;
    if (!as_expected) {
      Labels wanted = key;
      wanted["verdict"] = expected.verdict;
      complain(written("mxhealth_domain_verdict", wanted) + " 1 alone", "mxhealth_domain_verdict", verdicts);
    }
    judge_reachable(expected, key);
    judge_cause(expected, key);
  }

  void judge_reachable(const Expectation& expected, const Labels& key) {
    const std::string& verdict = expected.verdict;
    const bool up = verdict == "ok" || verdict == "degraded" || verdict == "at_risk";
    const bool down = verdict == "unreachable" || verdict == "tempfail" || verdict == "rejecting";
    if (up || down) must_appear({"mxhealth_domain_reachable", key, up ? "1" : "0"});
    if (verdict == "no_mail") must_not_appear({"mxhealth_domain_reachable", key, ""});
  }

  void judge_cause(const Expectation& expected, const Labels& key) {
    const std::string name = "mxhealth_domain_cause_info";
    const auto all = exposition_.find(name, key);
    Labels wanted = key;
    wanted["cause"] = expected.cause;
    wanted["enhanced_status"] = expected.enhanced_status;
    const std::size_t count = expected.cause.empty() ? 0 : 1;
    if (all.size() != count || (count == 1 && exposition_.find(name, wanted).empty()))
      complain(count == 0 ? "no " + written(name, key) : written(name, wanted) + " alone", name, all);
  }

  void must_appear(const Line& line) {
    const auto found = exposition_.find(line.name, line.labels);
    const bool fits = std::any_of(found.begin(), found.end(),
                                  [&](const Series* series) { return value_matches(line.value, series->value); });
    if (!fits) complain(written(line.name, line.labels) + " " + line.value, line.name, found);
  }

  void must_not_appear(const Line& line) {
    const auto found = exposition_.find(line.name, line.labels);
    if (!found.empty()) complain("no " + written(line.name, line.labels), line.name, found);
  }

  void complain(const std::string& wanted, const std::string& name, const std::vector<const Series*>& found) {
    differences_.push_back(scenario_.name + ": expected " + wanted + ", found " + seen_text(name, found));
  }

  const World& world_;
  const Scenario& scenario_;
  const Exposition& exposition_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> differences(const World& world, const Scenario& scenario, std::string_view exposition) {
  const Exposition parsed(exposition);
  return Comparison(world, scenario, parsed).run();
}

std::vector<std::string> differences(const World& world, std::string_view exposition) {
  const Exposition parsed(exposition);
  std::vector<std::string> all;
  for (const Scenario& scenario : world.scenarios()) {
    for (std::string& difference : Comparison(world, scenario, parsed).run()) all.push_back(std::move(difference));
  }
  return all;
}

}  // namespace mxhealth::lab
