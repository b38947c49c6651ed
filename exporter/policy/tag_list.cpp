#include "policy/tag_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/transcript.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kMaxShown = 40;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_tag_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, is_name_character);
}

void take(std::string_view item, TagList& list) {
  const std::size_t equals = item.find('=');
  const std::string_view name = trimmed(item.substr(0, equals));
  if (equals == std::string_view::npos || !is_tag_name(name)) {
    list.faults.push_back(fmt::format("\"{}\" is no tag, which reads name=value", printable(item, kMaxShown)));
    return;
  }
  if (list.find(name) != nullptr) {
    list.faults.push_back(fmt::format("tag {} is there twice", printable(name, kMaxShown)));
    return;
  }
  list.tags.push_back({std::string(name), std::string(trimmed(item.substr(equals + 1)))});
}

}  // namespace

const std::string* TagList::find(std::string_view name) const {
  const auto tag = std::ranges::find(tags, name, &Tag::name);
  return tag == tags.end() ? nullptr : &tag->value;
}

TagList parse_tags(std::string_view text) {
  TagList list;
  if (text.size() > kMaxTagRecord) {
    list.faults.push_back(fmt::format("it is longer than {} octets", kMaxTagRecord));
    return list;
  }
  const std::vector<std::string> items = split(text, ';');
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].empty() && i + 1 == items.size()) break;  // a final semicolon
    if (list.tags.size() + list.faults.size() >= kMaxTags) {
      list.faults.push_back(fmt::format("it has more than {} tags", kMaxTags));
      break;
    }
    take(items[i], list);
  }
  return list;
}

std::vector<std::string> split(std::string_view value, char separator) {
  std::vector<std::string> items;
  for (std::size_t at = value.find(separator); at != std::string_view::npos; at = value.find(separator)) {
    items.emplace_back(trimmed(value.substr(0, at)));
    value.remove_prefix(at + 1);
  }
  items.emplace_back(trimmed(value));
  return items;
}

std::string lower_case(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

bool has_version(std::string_view text, std::string_view version) {
  const std::string_view first = trimmed(text.substr(0, text.find(';')));
  const std::size_t equals = first.find('=');
  if (text.empty() || is_space(text.front()) || equals == std::string_view::npos) return false;
  return trimmed(first.substr(0, equals)) == "v" && trimmed(first.substr(equals + 1)) == version;
}

bool looks_like_version(std::string_view text, std::string_view version) {
  std::string start;
  for (const char c : text.substr(0, 24))
    if (!is_space(c) && c != '"' && c != '\'') start += c;
  return lower_case(start).starts_with("v=" + lower_case(version)) && !has_version(text, version);
}

}  // namespace mxhealth::policy
