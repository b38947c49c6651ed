#include "config/parse_dnsbl.hpp"

#include "config/networks.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;

constexpr DurationIn kListInterval{1min, 24h * 7};  // lists are not asked more often than once a minute
constexpr NetworkOf kSubjects{24, 120};             // at most 256 addresses, each asked on every list
constexpr DecimalIn kWeight{0.0, 1.0};
constexpr std::size_t kMaxSubjects = 1000;

enum class Kind : std::uint8_t { ipv4, ipv6, domain };
constexpr Choice<Kind> kKinds[] = {{"ipv4", Kind::ipv4}, {"ipv6", Kind::ipv6}, {"domain", Kind::domain}};

/// An answer of a list: always in 127.0.0.0/8 (RFC 5782 section 2.1).
std::optional<Address> list_answer(const Field& field) {
  auto answer = address(field);
  if (!answer || (answer->family() == Family::ipv4 && answer->bytes()[0] == 127)) return answer;
  field.error("not an answer that a list gives", "an address in 127.0.0.0/8");
  return std::nullopt;
}

std::optional<std::string> test_point(const Field& field) {
  const std::string& written = field.node().text;
  if (Address::parse(written)) return written;
  const auto domain = name(field);
  return domain ? std::optional(domain->str()) : std::nullopt;
}

void parse_code(const Field& member) {
  const auto answer = Address::parse(member.node().key);
  if (!answer || answer->family() != Family::ipv4 || answer->bytes()[0] != 127) {
    member.error_at_key("not an answer that a list gives", "an address in 127.0.0.0/8, in quotes");
  }
  if (member.is(Node::Kind::scalar)) {
    identifier(member);
    return;
  }
  const auto section = Section::open(member, {"meaning", "weight"});
  if (!section) return;
  std::string meaning;
  double weight = 0;
  if (section->get("meaning") == nullptr) member.fault("meaning is missing", "{meaning: WORD, weight: 0.5}");
  section->read("meaning", meaning, identifier);
  section->read("weight", weight, kWeight);
}

void parse_test_points(const Field& field) {
  if (field.is(Node::Kind::scalar)) {
    word_of(field, {"rfc5782", "none"});
    return;
  }
  const auto section = Section::open(field, {"listed", "clean"});
  if (!section) return;
  std::string point;
  section->read("listed", point, test_point);
  section->read("clean", point, test_point);
}

/// What a list of one's own says about itself; a list of the book may change some of it.
void parse_list_details(const Section& section) {
  std::vector<Kind> kinds;
  std::vector<Address> refusals;
  double weight = 0;
  bool allow_list = false;
  std::string key_file;
  section.read("kinds", kinds, ListOf{one_of(kKinds), 1});
  section.read("refusals", refusals, ListOf{list_answer});
  section.read("weight", weight, kWeight);
  section.read("allow_list", allow_list, boolean);
  section.read("key_file", key_file, file_name);
  if (const Field* codes = section.get("codes")) {
    for (const Field& member : codes->members().value_or(std::vector<Field>{})) parse_code(member);
  }
  if (const Field* field = section.get("test_points")) parse_test_points(*field);
}

std::optional<std::string> parse_list(const Field& field) {
  if (field.is(Node::Kind::scalar)) return identifier(field);
  const auto section = Section::open(
      field, {"name", "book", "zone", "key_file", "kinds", "codes", "refusals", "weight", "test_points", "allow_list"});
  if (!section) return std::nullopt;
  std::string list_name;
  std::string book;
  Name zone;
  if (section->get("name") == nullptr)
    field.fault("name is missing", "{name: WORD, zone: ...} or {name: WORD, book: ...}");
  const bool one = (section->get("book") == nullptr) != (section->get("zone") == nullptr);
  if (!one) field.fault("a list has either a zone or an entry in the book", "zone: NAME, book: WORD");
  section->read("book", book, identifier);
  section->read("zone", zone, name);
  parse_list_details(*section);
  return section->read("name", list_name, identifier) ? std::optional(list_name) : std::nullopt;
}

void parse_subjects(const Field& field) {
  const auto section = Section::open(field, {"targets", "addresses", "domains"});
  if (!section) return;
  bool targets = true;
  std::vector<Network> addresses;
  std::vector<Name> domains;
  section->read("targets", targets, boolean);
  section->read("addresses", addresses, ListOf{kSubjects, 0, kMaxSubjects});
  section->read("domains", domains, ListOf{name, 0, kMaxSubjects});
}

}  // namespace

void parse_dnsbl(const Field& field) {
  if (field.is(Node::Kind::scalar)) {
    if (field.node().text != "off") field.error("not a map", "off, or a map of keys and values");
    return;
  }
  const auto section = Section::open(field, {"interval", "subjects", "lists"});
  if (!section) return;
  Duration interval{};
  std::vector<std::string> lists;
  section->read("interval", interval, kListInterval);
  section->read("lists", lists, ListOf{parse_list, 1, 100});
  if (const Field* subjects = section->get("subjects")) parse_subjects(*subjects);
  field.not_in_this_version("off");
}

}  // namespace mxhealth::config
