#include "lab/expect.hpp"

#include <algorithm>

#include "lab/expect_lists.hpp"

namespace mxhealth::lab {
namespace {

class Comparison {
 public:
  Comparison(const World& world, const Scenario& scenario, const Exposition& exposition)
      : world_(world), scenario_(scenario), exposition_(exposition) {}

  std::vector<std::string> run() {
    for (const Expectation& expected : scenario_.expect) judge(expected);
    for (const std::string& line : scenario_.metrics) must_appear(parse_line(world_.fill_in(line, scenario_)));
    for (std::string& line : list_differences(world_, scenario_, exposition_)) differences_.push_back(std::move(line));
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
