#include "ctl/lists.hpp"

#include <algorithm>
#include <ostream>

#include "config/did_you_mean.hpp"
#include "config/list_book.hpp"
#include "config/load.hpp"
#include "ctl/list_tests.hpp"
#include "ctl/lists_output.hpp"
#include "net/system_resolvers.hpp"

namespace mxhealth::ctl {
namespace {

constexpr int kAllHealthy = 0;
constexpr int kSomeAreNot = 1;
constexpr int kNoneAnswered = 2;
constexpr int kWrongUsage = 3;

std::optional<config::Config> configuration(const std::filesystem::path& file, std::ostream& err) {
  if (file.empty()) {
    config::Config config;
    config.dnsbl.lists = config::ListBook::built_in().defaults();
    return config;
  }
  config::Loaded loaded = config::load_config(file);
  for (const config::Problem& problem : loaded.problems) err << to_string(problem) << '\n';
  return std::move(loaded.config);
}

const dnsbl::List* find(const std::vector<dnsbl::List>& configured, const std::string& name) {
  const auto found = std::ranges::find(configured, name, &dnsbl::List::name);
  if (found != configured.end()) return &*found;
  const config::BookEntry* entry = config::ListBook::built_in().find(name);
  return entry == nullptr ? nullptr : &entry->list;
}

std::string guess(const std::vector<dnsbl::List>& configured, const std::string& name) {
  std::vector<std::string_view> known = config::ListBook::built_in().aliases();
  for (const dnsbl::List& list : configured) known.emplace_back(list.name);
  return config::suggestion(name, known);
}

/// Empty when a name is wrong, or there is nothing to test.
std::vector<dnsbl::List> chosen(const std::vector<dnsbl::List>& configured, const std::vector<std::string>& names,
                                std::ostream& err) {
  if (names.empty()) {
    if (configured.empty()) err << "mxhealthctl: the configuration says `dnsbl: off`; name a list to test it\n";
    return configured;
  }
  std::vector<dnsbl::List> some;
  for (const std::string& name : names) {
    const dnsbl::List* list = find(configured, name);
    if (list == nullptr) {
      err << "mxhealthctl: no list is called '" << name << "'" << guess(configured, name) << '\n';
      return {};
    }
    if (list->keyed && list->key.empty()) {
      err << "mxhealthctl: " << name << " needs a key: put it into a configuration, with its key_file\n";
      return {};
    }
    const bool twice = std::ranges::find(some, name, &dnsbl::List::name) != some.end();
    if (!twice) some.push_back(*list);
  }
  return some;
}

int exit_code(const std::vector<TestedList>& lists) {
  if (std::ranges::all_of(lists, &TestedList::healthy)) return kAllHealthy;
  const bool any_answered = std::ranges::any_of(
      lists, [](const TestedList& one) { return std::ranges::any_of(one.tests, &ListTest::answered); });
  return any_answered ? kSomeAreNot : kNoneAnswered;
}

}  // namespace

int lists(net::asio::io_context& io, const ListsRequest& request, std::ostream& out, std::ostream& err) {
  const auto config = configuration(request.config_file, err);
  if (!config) return kWrongUsage;
  std::vector<dnsbl::List> wanted = chosen(config->dnsbl.lists, request.names, err);
  if (wanted.empty()) return kWrongUsage;
  TestSettings settings{config->resolvers, config->global.timeouts.dns, config->resolver_check.name};
  if (settings.resolvers.empty()) settings.resolvers = net::system_resolvers();
  if (settings.resolvers.empty()) {
    err << "mxhealthctl: no resolver is configured, and /etc/resolv.conf names none\n";
    return kWrongUsage;
  }
  const std::vector<TestedList> tested = test_lists(io, settings, std::move(wanted));
  request.json ? print_json(tested, out) : print_text(tested, out);
  const int code = exit_code(tested);
  if (code == kNoneAnswered) err << "mxhealthctl: not one list answered; is the resolver alive?\n";
  return code;
}

}  // namespace mxhealth::ctl
