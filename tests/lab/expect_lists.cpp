#include "lab/expect_lists.hpp"

#include <algorithm>

#include "lab/expect.hpp"

namespace mxhealth::lab {
namespace {

bool has(const std::vector<std::string>& states, std::string_view state) {
  return std::ranges::find(states, state) != states.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " or ") + word;
  return text;
}

/// Allow-lists have families of their own: being listed is good.
std::string family(const BlocklistSpec& list, const char* what) {
  return std::string(list.allow_list ? "mxhealth_allowlist_" : "mxhealth_dnsbl_") + what;
}

/// The states that are 1; one of them when all is well.
std::vector<std::string> states_now(const Exposition& exposition, const std::string& name, const Labels& key) {
  std::vector<std::string> now;
  for (const Series* series : exposition.find(name, key))
    if (value_matches("1", series->value) && series->labels.contains("state"))
      now.push_back(series->labels.find("state")->second);
  return now;
}

/// The gauge beside the state set: 1 listed, 0 clean, absent otherwise.
bool gauge_agrees(const Exposition& exposition, const std::string& name, const Labels& key, const std::string& state) {
  const auto found = exposition.find(name, key);
  if (state != "listed" && state != "clean") return found.empty();
  return found.size() == 1 && value_matches(state == "listed" ? "1" : "0", found.front()->value);
}

template <class Visit>
void for_each_expected(const World& world, const Scenario& scenario, Visit visit) {
  if (!scenario.blocklists) return;
  for (const BlocklistSpec& list : scenario.blocklists->lists) {
    const ExpectedStates expected = world.expected_states(list, scenario);
    for (const auto& [subject, states] : expected)
      visit(list, Labels{{"subject", subject}, {"list", list.name}}, states);
  }
}

}  // namespace

std::vector<std::string> list_differences(const World& world, const Scenario& scenario, const Exposition& exposition) {
  std::vector<std::string> differences;
  const auto complain = [&](const std::string& wanted, const std::string& found) {
    differences.push_back(scenario.name + ": expected " + wanted + ", found " + found);
  };
  for_each_expected(world, scenario, [&](const BlocklistSpec& list, const Labels& key, const auto& states) {
    const std::string name = family(list, "state"), gauge = family(list, "listed");
    const auto now = states_now(exposition, name, key);
    if (now.size() != 1 || !has(states, now.front())) {
      complain(written(name, key) + " " + joined(states), now.empty() ? "nothing" : joined(now));
    } else if (!gauge_agrees(exposition, gauge, key, now.front())) {
      complain(written(gauge, key) + " as for " + now.front(), seen_text(gauge, exposition.find(gauge, key)));
    }
  });
  if (!scenario.blocklists) return differences;
  for (const BlocklistSpec& list : scenario.blocklists->lists) {
    if (!list.healthy) continue;
    const std::string name = "mxhealth_dnsbl_list_healthy";
    const Labels key{{"list", list.name}};
    const auto found = exposition.find(name, key);
    if (found.size() != 1 || !value_matches(*list.healthy ? "1" : "0", found.front()->value))
      complain(written(name, key) + (*list.healthy ? " 1" : " 0"), seen_text(name, found));
  }
  return differences;
}

std::vector<std::string> false_statements(const World& world, std::string_view exposition) {
  std::vector<std::string> lies;
  const Exposition parsed(exposition);
  for (const std::string_view secret : {kPassword, kListKey})
    if (exposition.find(secret) != std::string_view::npos) lies.push_back("a secret is in the exposition");
  for (const Scenario& scenario : world.scenarios()) {
    for_each_expected(world, scenario, [&](const BlocklistSpec& list, const Labels& key, const auto& states) {
      auto said = states_now(parsed, family(list, "state"), key);
      for (const Series* series : parsed.find(family(list, "listed"), key))
        said.emplace_back(value_matches("1", series->value) ? "listed" : "clean");
      for (const std::string& state : said)
        if ((state == "listed" || state == "clean") && !has(states, state))
          lies.push_back(scenario.name + ": false " + state + ": " + written(family(list, "state"), key));
    });
  }
  return lies;
}

}  // namespace mxhealth::lab
