#include "ctl/lists_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>

namespace mxhealth::ctl {
namespace {

std::string kinds(const dnsbl::List& list) {
  std::string words;
  for (const ListKind kind : list.kinds) words.append(words.empty() ? "" : ", ").append(label(kind));
  return words;
}

// The states of its tests, each once: "healthy", "refused", "healthy, no_answer".
std::string states(const TestedList& tested) {
  std::vector<std::string_view> all;
  for (const ListTest& test : tested.tests)
    if (std::ranges::find(all, test.state()) == all.end()) all.push_back(test.state());
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string needs(const dnsbl::List& list) {
  std::string words;
  const auto add = [&](std::string_view word) { words.append(words.empty() ? "" : ", ").append(word); };
  if (list.needs_own_resolver) add("a resolver of one's own");
  if (list.keyed) add("a key");
  if (list.daily_queries > 0) add(fmt::format("at most {} queries a day", list.daily_queries));
  return words;
}

void print_detail(std::ostream& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out << fmt::format("    {:<10} {}\n", name, text);
}

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ') {
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

std::string kinds_json(const dnsbl::List& list) {
  std::vector<std::string> all;
  for (const ListKind kind : list.kinds) all.push_back(quoted(label(kind)));
  return fmt::format("[{}]", fmt::join(all, ","));
}

std::string test_json(const ListTest& test) {
  return fmt::format(R"({{"resolver":{},"kind":{},"state":{},"note":{}}})", quoted(to_string(test.resolver)),
                     quoted(label(test.kind)), quoted(test.state()), quoted(test.note()));
}

std::string list_json(const TestedList& tested) {
  const dnsbl::List& list = tested.list;
  std::vector<std::string> tests;
  for (const ListTest& test : tested.tests) tests.push_back(test_json(test));
  return fmt::format(
      R"({{"list":{},"kinds":{},"allow_list":{},"weight":{:g},"healthy":{},"own_resolver":{},"keyed":{},)"
      R"("daily_queries":{},"terms":{},"delisting":{},"verified":{},"tests":[{}]}})",
      quoted(list.name), kinds_json(list), list.allow_list, list.weight, tested.healthy(), list.needs_own_resolver,
      list.keyed, list.daily_queries, quoted(list.terms), quoted(list.delisting), quoted(list.verified),
      fmt::join(tests, ","));
}

}  // namespace

// What went wrong comes first, and through which resolver; where all is well, nothing is said of resolvers.
void print_text(const std::vector<TestedList>& lists, std::ostream& out) {
  constexpr const char* kRow = "{:<18} {:<14} {:<7} {}\n";
  out << fmt::format(fmt::runtime(kRow), "LIST", "KINDS", "WEIGHT", "STATE");
  for (const TestedList& tested : lists) {
    const dnsbl::List& list = tested.list;
    out << fmt::format(fmt::runtime(kRow), list.name, kinds(list), fmt::format("{:g}", list.weight),
                       states(tested) + (list.allow_list ? " (an allow-list: being listed is good)" : ""));
    for (const ListTest& test : tested.tests) {
      if (tested.healthy()) break;
      const std::string_view note = test.healthy() ? "healthy" : test.note();
      out << fmt::format("    through {}, {}: {}\n", to_string(test.resolver), label(test.kind), note);
    }
    print_detail(out, "needs", needs(list));
    print_detail(out, "terms", list.terms);
    print_detail(out, "delisting", list.delisting);
    print_detail(out, "verified", list.verified);
  }
}

void print_json(const std::vector<TestedList>& lists, std::ostream& out) {
  std::vector<std::string> all;
  for (const TestedList& tested : lists) all.push_back(list_json(tested));
  out << "[" << fmt::format("{}", fmt::join(all, ",\n ")) << "]\n";
}

}  // namespace mxhealth::ctl
