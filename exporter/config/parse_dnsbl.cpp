#include "config/parse_dnsbl.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/networks.hpp"
#include "config/parse_lists.hpp"
#include "config/values.hpp"
#include "config/warn_dnsbl.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;

constexpr DurationIn kListInterval{5s, 24h * 7};  // below 10 min with a warning, where lists are not the operator's own
constexpr NetworkOf kSubjects{24, 120};           // at most 256 addresses, each asked on every list
constexpr std::size_t kMaxItems = 1000;
constexpr std::size_t kMaxAddresses = 4096;  // in all: a /20, or 16 networks

void parse_subjects(const Field& field, Dnsbl& dnsbl) {
  const auto section = Section::open(field, {"targets", "addresses", "domains", "spf"});
  if (!section) return;
  section->read("targets", dnsbl.targets, boolean);
  section->read("addresses", dnsbl.addresses, ListOf{kSubjects, 0, kMaxItems});
  section->read("domains", dnsbl.domains, ListOf{name, 0, kMaxItems});
  section->read("spf", dnsbl.spf, ListOf{name, 0, kMaxItems});
  const std::size_t all = configured_subjects(dnsbl, ListKind::ipv4) + configured_subjects(dnsbl, ListKind::ipv6);
  if (all > kMaxAddresses)
    section->get("addresses")->fault(fmt::format("{} addresses", all), fmt::format("at most {} in all", kMaxAddresses));
}

}  // namespace

Dnsbl default_dnsbl() {
  Dnsbl dnsbl;
  dnsbl.lists = ListBook::built_in().defaults();
  return dnsbl;
}

Dnsbl parse_dnsbl(const Field& field) {
  if (field.is(Node::Kind::scalar)) {
    if (field.node().text != "off") field.error("not a map", "off, or a map of keys and values");
    return {};
  }
  Dnsbl dnsbl = default_dnsbl();
  const auto section = Section::open(field, {"interval", "subjects", "lists"});
  if (!section) return dnsbl;
  section->read("interval", dnsbl.interval, kListInterval);
  if (const Field* lists = section->get("lists")) dnsbl.lists = parse_lists(*lists, ListBook::built_in());
  if (const Field* subjects = section->get("subjects")) parse_subjects(*subjects, dnsbl);
  return dnsbl;
}

void read_dnsbl_keys(const Field& field, const std::filesystem::path& directory, Dnsbl& dnsbl) {
  if (const auto lists = field.peek("lists")) read_list_keys(*lists, directory, dnsbl.lists);
}

bool names_subjects(const Field& field) {
  const auto subjects = field.peek("subjects");
  if (!subjects) return false;
  return std::ranges::any_of(subjects->node().children, [](const Node& node) {
    return node.key != "targets" && !(node.kind == Node::Kind::list && node.children.empty());
  });
}

}  // namespace mxhealth::config
