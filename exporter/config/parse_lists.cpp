#include "config/parse_lists.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "config/did_you_mean.hpp"
#include "config/parse_list.hpp"
#include "config/secret_file.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr std::string_view kDefault = "default";
constexpr std::size_t kMaxLists = 100;
constexpr std::size_t kMaxZone = 125;  // 32 nibbles, a key and the zone are still a name
constexpr double kUsualWeight = 0.25;  // of an own list: known of, and nobody is woken up

bool is_default(const Field& item) { return item.is(Node::Kind::scalar) && item.node().text == kDefault; }

const BookEntry* entry_of(const Field& field, const ListBook& book) {
  const std::string alias = field.is(Node::Kind::scalar) ? field.node().text : "";
  const BookEntry* entry = book.find(alias);
  if (entry != nullptr) return entry;
  const auto aliases = book.aliases();
  std::vector<std::string_view> words = aliases;
  if (!field.path().ends_with(".book")) words.insert(words.begin(), kDefault);
  field.error("no such list in the book" + suggestion(alias, words), fmt::format("{}", fmt::join(words, ", ")));
  return nullptr;
}

/// A key in the zone would be a secret in plain sight: it is not repeated.
bool holds_a_key(const Name& zone, const ListBook& book) {
  return std::ranges::any_of(book.entries, [&](const BookEntry& entry) {
    return entry.list.keyed && zone != entry.list.zone && is_within(zone, entry.list.zone);
  });
}

void check_zone(const Field& field, const Name& zone, const ListBook& book) {
  if (const DeadZone* dead = book.dead(zone))
    field.error(fmt::format("a dead list ({}): {}", dead->date, dead->reason), "leaving it out");
  else if (holds_a_key(zone, book))
    field.fault("seems to hold a key, which belongs into a file", "book: ALIAS, key_file: FILE");
  else if (zone.view().size() > kMaxZone)
    field.fault("too long a zone", fmt::format("at most {} octets: what is asked goes in front", kMaxZone));
}

void check_meaning(const Field& field, const dnsbl::List& list) {
  if (list.codes.empty() && list.bits.empty() && !list.verified.empty())
    field.fault("the book does not know this list's codes", "codes: {ANSWER: MEANING} beside it");
}

void check_key(const Section& section, dnsbl::List& list) {
  const Field* file = section.get("key_file");
  if (file != nullptr && !file_name(*file)) return;
  if (section.get("book") == nullptr) {
    list.keyed = file != nullptr;
  } else if (list.keyed && section.field().peek("key_file") == std::nullopt) {
    section.field().fault("a list that needs a key", "key_file: FILE");
  } else if (!list.keyed && file != nullptr) {
    file->error_at_key("this list takes no key");
  }
}

std::optional<dnsbl::List> from_book(const Field& field, const ListBook& book) {
  const BookEntry* entry = entry_of(field, book);
  return entry == nullptr ? std::nullopt : std::optional(entry->list);
}

dnsbl::List own_list() {
  dnsbl::List list;
  list.kinds = {ListKind::ipv4};
  list.codes = {{*dnsbl::CodePattern::parse("127.0.0.2"), "listed", std::nullopt, false}};  // RFC 5782 section 2.1
  list.weight = kUsualWeight;
  return list;
}

std::optional<dnsbl::List> parse_map(const Field& field, const ListBook& book) {
  const auto section = Section::open(field, list_keys({"name", "book", "key_file"}));
  if (!section) return std::nullopt;
  const bool from_the_book = section->get("book") != nullptr;
  if (from_the_book == (section->get("zone") != nullptr)) {
    field.fault("a list has either a zone or an entry in the book", "zone: NAME, book: ALIAS");
    return std::nullopt;
  }
  if (!from_the_book && section->get("name") == nullptr) field.fault("name is missing", "{name: WORD, zone: ...}");
  auto list = from_the_book ? from_book(*section->get("book"), book) : std::optional(own_list());
  if (!list) return std::nullopt;
  if (!from_the_book && section->get("bits") != nullptr) list->codes.clear();
  read_list(*section, *list);
  if (list->allow_list && section->get("weight") == nullptr) list->weight = 0;  // no mail is lost by being listed
  if (!from_the_book && section->get("test_points") == nullptr) test_as_rfc5782(*list);
  if (const Field* zone = section->get("zone")) check_zone(*zone, list->zone, book);
  check_meaning(field, *list);
  check_key(*section, *list);
  if (section->get("name") != nullptr && !section->read("name", list->name, identifier)) return std::nullopt;
  if (list->name == kDefault) section->get("name")->error("a word with a meaning of its own", "another name");
  return list->name.empty() ? std::nullopt : list;
}

std::vector<dnsbl::List> lists_of(const Field& item, const ListBook& book) {
  std::vector<dnsbl::List> some;
  if (item.is(Node::Kind::map)) {
    if (auto list = parse_map(item, book)) some.push_back(*std::move(list));
  } else if (is_default(item)) {
    some = book.defaults();
  } else if (const BookEntry* entry = entry_of(item, book)) {
    if (entry->list.keyed) item.fault("a list that needs a key", "{book: ALIAS, key_file: FILE}");
    check_meaning(item, entry->list);
    some.push_back(entry->list);
  }
  return some;
}

void complain_of_second(const Field& item, const std::string& name, const Field& first) {
  if (is_default(first) || is_default(item))
    item.fault(fmt::format("{} is in default, too", name), "another name, or the single lists instead of default");
  else
    item.fault(fmt::format("{} is listed twice, first on line {}", name, first.node().line));
}

/// The key goes into names, as one label.
void read_key(const Field& field, const std::filesystem::path& directory, dnsbl::List& list) {
  auto key = read_secret_file(field, directory / field.node().text);
  if (!key) return;
  const auto label = Name::parse(key->reveal());
  if (label && label->is_single_label() && !key->reveal().ends_with('.'))
    list.key = *std::move(key);
  else
    field.fault("the file does not hold a key", "up to 63 letters, digits and hyphens");
}

}  // namespace

std::vector<dnsbl::List> parse_lists(const Field& field, const ListBook& book) {
  std::vector<dnsbl::List> lists;
  const auto items = field.items();
  if (!items) return lists;
  if (field.node().children.empty()) field.fault("an empty list", "at least one item, or dnsbl: off");
  if (items->size() > kMaxLists) {
    field.fault(fmt::format("more than {} items", kMaxLists));
    return lists;
  }
  std::map<std::string, const Field*> firsts;  // by name, and the word `default` by itself
  for (const Field& item : *items) {
    if (is_default(item) && !firsts.emplace(kDefault, &item).second) {
      item.fault("listed twice");
      continue;
    }
    for (dnsbl::List& list : lists_of(item, book)) {
      const auto [first, fresh] = firsts.emplace(list.name, &item);
      if (fresh)
        lists.push_back(std::move(list));
      else
        complain_of_second(item, list.name, *first->second);
    }
  }
  return lists;
}

void read_list_keys(const Field& field, const std::filesystem::path& directory, std::vector<dnsbl::List>& lists) {
  for (std::size_t i = 0; i < field.node().children.size(); ++i) {
    const Field item(field.node().children[i], fmt::format("{}[{}]", field.path(), i), field.report());
    const auto file = item.peek("key_file");
    if (!file || !file->is(Node::Kind::scalar) || file->node().text.empty()) continue;  // reported
    const auto name = item.peek("name") ? item.peek("name") : item.peek("book");
    const auto list = !name ? lists.end() : std::ranges::find(lists, name->node().text, &dnsbl::List::name);
    if (list != lists.end() && list->keyed) read_key(*file, directory, *list);
  }
}

}  // namespace mxhealth::config
