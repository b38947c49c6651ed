#include "config/list_book.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "config/parse_codes.hpp"
#include "config/parse_list.hpp"
#include "config/values.hpp"
#include "dnsbl/book_text.hpp"

namespace mxhealth::config {
namespace {

/// 2026-11-22, the year alone, or "by" such a day.
std::optional<std::string> date(const Field& field) {
  auto written = short_text(field);
  if (!written) return std::nullopt;
  std::string_view day = *written;
  if (day.starts_with("by ")) day.remove_prefix(3);
  const std::string_view form = day.size() == 4 ? "0000" : "0000-00-00";
  const auto fits = [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; };
  if (std::ranges::equal(day, form, fits)) return written;
  field.error("not a date", "2026-11-22, 2026, by 2026-11-22");
  return std::nullopt;
}

void read_entry(const Field& field, ListBook& book) {
  if (!is_identifier(field.node().key) || field.node().key == "default")
    field.error_at_key("not an alias", "up to 63 letters, digits, - and _");
  const auto section = Section::open(field, list_keys({"keyed", "default", "verified"}));
  if (!section) return;
  for (const std::string_view key : {"zone", "kinds", "weight", "test_points", "terms", "delisting", "verified"})
    if (section->get(key) == nullptr) field.fault(std::string(key) + " is missing");
  BookEntry entry;
  entry.list.name = field.node().key;
  read_list(*section, entry.list);
  section->read("keyed", entry.list.keyed, boolean);
  section->read("default", entry.is_default, boolean);
  section->read("verified", entry.list.verified, date);
  book.entries.push_back(std::move(entry));
}

void read_dead_zone(const Field& field, ListBook& book) {
  DeadZone dead;
  if (const auto zone = Name::parse(field.node().key))
    dead.zone = *zone;
  else
    field.error_at_key("not a zone");
  const auto section = Section::open(field, {"date", "reason"});
  if (!section) return;
  if (!section->read("date", dead.date, date) || !section->read("reason", dead.reason, short_text))
    field.fault("date or reason is missing");
  book.dead_zones.push_back(std::move(dead));
}

}  // namespace

const BookEntry* ListBook::find(std::string_view alias) const {
  const auto found = std::ranges::find_if(entries, [&](const BookEntry& e) { return e.list.name == alias; });
  return found == entries.end() ? nullptr : &*found;
}

std::vector<std::string_view> ListBook::aliases() const {
  std::vector<std::string_view> all;
  for (const BookEntry& entry : entries) all.emplace_back(entry.list.name);
  return all;
}

std::vector<dnsbl::List> ListBook::defaults() const {
  std::vector<dnsbl::List> some;
  for (const BookEntry& entry : entries)
    if (entry.is_default) some.push_back(entry.list);
  return some;
}

const DeadZone* ListBook::dead(const Name& zone) const {
  const auto found = std::ranges::find_if(dead_zones, [&](const DeadZone& d) { return is_within(zone, d.zone); });
  return found == dead_zones.end() ? nullptr : &*found;
}

const ListBook& ListBook::built_in() {
  static const ListBook kBook = [] {
    BookRead read = parse_list_book(dnsbl::book_text(), "lists.yaml");
    if (!read.problems.empty()) throw std::logic_error(to_string(read.problems.front()));
    return std::move(read.book);
  }();
  return kBook;
}

BookRead parse_list_book(std::string_view text, std::string file_name) {
  BookRead read;
  Report report(std::move(file_name));
  const auto document = read_document(text);
  if (const auto* broken = std::get_if<Broken>(&document)) {
    report.add({Severity::error, "", broken->line, broken->column, "", broken->message, "", ""});
  } else if (const auto root = Section::open(Field(std::get<Node>(document), "", report), {"lists", "dead"})) {
    const auto each = [&](std::string_view key, auto reader) {
      const Field* field = root->get(key);
      const auto members = field == nullptr ? std::nullopt : field->members();
      for (const Field& member : members ? *members : std::vector<Field>{}) reader(member, read.book);
    };
    each("lists", read_entry);
    each("dead", read_dead_zone);
  }
  read.problems = report.take();
  return read;
}

bool is_within(const Name& name, const Name& zone) {
  const std::string_view text = name.view();
  if (!text.ends_with(zone.view())) return false;
  const std::size_t rest = text.size() - zone.view().size();
  return rest == 0 || text[rest - 1] == '.';
}

}  // namespace mxhealth::config
