#include "config/parse_list.hpp"

#include <algorithm>
#include <limits>

#include "config/parse_codes.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr Choice<ListKind> kKinds[] = {
    {"ipv4", ListKind::ipv4}, {"ipv6", ListKind::ipv6}, {"domain", ListKind::domain}};

/// An address as such, anything else as a domain.
std::optional<Subject> subject(const Field& field) {
  if (field.is(Node::Kind::scalar)) {
    if (const auto address = Address::parse(field.node().text)) return Subject(*address);
  }
  const auto domain = name(field);
  return domain ? std::optional(Subject(*domain)) : std::nullopt;
}

/// Puts one point, or one of each kind, where `which` says.
void read_points(const Field& field, dnsbl::List& list, std::optional<Subject> dnsbl::TestPoints::*which) {
  std::vector<Field> items{field};
  if (field.is(Node::Kind::list)) items = field.items().value_or(std::vector<Field>{});
  for (const Field& item : items) {
    const auto point = subject(item);
    if (!point) continue;
    const ListKind kind = kind_of(*point);
    std::optional<Subject>& place = list.tests[kind].*which;
    if (!list.has(kind))
      item.error("the list is not asked about this kind", "a point of one of its kinds");
    else if (place)
      item.error("a second point of its kind", "one for each kind");
    else
      place = point;
  }
}

void read_test_points(const Field& field, dnsbl::List& list) {
  list.tests.clear();
  if (field.is(Node::Kind::scalar)) {
    if (word_of(field, {"rfc5782", "none"}) != 0U) return;
    test_as_rfc5782(list);
    return;
  }
  const auto section = Section::open(field, {"listed", "clean"});
  if (!section) return;
  if (const Field* f = section->get("listed")) read_points(*f, list, &dnsbl::TestPoints::listed);
  if (const Field* f = section->get("clean")) read_points(*f, list, &dnsbl::TestPoints::clean);
  std::erase_if(list.tests, [&](const auto& entry) { return !list.has(entry.first); });
}

std::optional<std::string> web_page(const Field& field) {
  auto page = short_text(field);
  if (!page || page->starts_with("https://") || page->starts_with("http://")) return page;
  field.error("not a page", "https://...");
  return std::nullopt;
}

std::optional<std::uint32_t> count(const Field& field) {
  const auto number = IntegerIn{1, std::numeric_limits<int>::max()}(field);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

}  // namespace

std::vector<std::string_view> list_keys(std::vector<std::string_view> more) {
  more.insert(more.end(), {"zone", "kinds", "codes", "bits", "refusals", "no_listing", "weight", "test_points",
                           "own_resolver", "registered_domains", "daily_queries", "allow_list", "terms", "delisting"});
  return more;
}

void test_as_rfc5782(dnsbl::List& list) {
  list.tests.clear();
  for (const ListKind kind : list.kinds) list.tests[kind] = dnsbl::rfc5782_points(kind);
}

void read_list(const Section& section, dnsbl::List& list) {
  section.read("zone", list.zone, name);
  const std::vector<ListKind> before = list.kinds;
  section.read("kinds", list.kinds, ListOf{one_of(kKinds), 1});
  section.read("codes", list.codes, codes);
  section.read("bits", list.bits, bits);
  section.read("refusals", list.refusals, answers);
  section.read("no_listing", list.no_listing, answers);
  section.read("weight", list.weight, weight);
  section.read("own_resolver", list.needs_own_resolver, boolean);
  section.read("registered_domains", list.registered_domains, boolean);
  section.read("daily_queries", list.daily_queries, count);
  section.read("allow_list", list.allow_list, boolean);
  section.read("terms", list.terms, short_text);
  section.read("delisting", list.delisting, web_page);
  if (const Field* field = section.get("test_points"))
    read_test_points(*field, list);
  else if (list.kinds != before)  // tests of kinds that are no longer asked for would say nothing
    std::erase_if(list.tests, [&](const auto& entry) { return !list.has(entry.first); });
}

}  // namespace mxhealth::config
