#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "config/did_you_mean.hpp"

namespace mxhealth::config {
namespace {

constexpr std::size_t kMaxShown = 60;  // of a value, in octets

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return in_quotes(node.text);
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
  }
  return {};
}

std::string join(std::span<const std::string_view> words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string shown_key(std::string_view key) {
  const bool simple = std::ranges::all_of(key, [](char c) { return c > ' ' && c != '.' && c != '"' && c != 0x7F; });
  return simple && key.size() <= kMaxShown && !key.empty() ? std::string(key) : in_quotes(key);
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  const bool cut = text.size() > kMaxShown;
  if (cut) {
    text = text.substr(0, kMaxShown);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0U) text.remove_suffix(1);
  }
  for (const char c : text) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return shown + (cut ? "...\"" : "\"");
}

void Field::add(Severity severity, std::string message, std::string shown, std::string allowed, bool at_key) const {
  const bool has_key = at_key && node_->key_line > 0;
  report_->add({severity, "", has_key ? node_->key_line : node_->line, has_key ? node_->key_column : node_->column,
                path_, std::move(message), std::move(shown), std::move(allowed)});
}

void Field::error(std::string message, std::string allowed) const {
  add(Severity::error, std::move(message), found(*node_), std::move(allowed), false);
}

void Field::warn(std::string message, std::string allowed) const {
  add(Severity::warning, std::move(message), "", std::move(allowed), false);
}

void Field::fault(std::string message, std::string allowed) const {
  add(Severity::error, std::move(message), "", std::move(allowed), false);
}

void Field::error_at_key(std::string message, std::string allowed) const {
  add(Severity::error, std::move(message), "", std::move(allowed), true);
}

void Field::not_in_this_version(std::string allowed) const {
  add(Severity::error, "not in this version", found(*node_), std::move(allowed), true);
}

Field Field::member(const Node& child) const {
  return {child, path_.empty() ? shown_key(child.key) : path_ + "." + shown_key(child.key), *report_};
}

std::optional<Field> Field::peek(std::string_view key) const {
  const auto found = std::ranges::find(node_->children, key, &Node::key);
  return found == node_->children.end() ? std::nullopt : std::optional(member(*found));
}

std::optional<std::vector<Field>> Field::items() const {
  if (!is(Node::Kind::list)) {
    error("not a list", "a list, such as [a, b]");
    return std::nullopt;
  }
  std::vector<Field> items;
  items.reserve(node_->children.size());
  for (std::size_t i = 0; i < node_->children.size(); ++i) {
    Field item(node_->children[i], fmt::format("{}[{}]", path_, i), *report_);
    if (item.is(Node::Kind::null)) {
      // The library gives such an item the place of what follows it, so the list's place is the better one.
      report_->add({Severity::error, "", node_->line, node_->column, item.path(), "no value", "", ""});
    } else {
      items.push_back(std::move(item));
    }
  }
  return items;
}

std::optional<std::vector<Field>> Field::members() const {
  if (!is(Node::Kind::map)) {
    error("not a map", "a map of keys and values");
    return std::nullopt;
  }
  std::vector<Field> members;
  members.reserve(node_->children.size());
  std::map<std::string_view, int> lines;
  for (const Node& child : node_->children) {
    Field field = member(child);
    const auto [first, fresh] = lines.emplace(child.key, child.key_line);
    if (child.key == "<<") {
      field.error_at_key("maps are not merged here; write the keys out");
    } else if (!fresh) {
      field.error_at_key(fmt::format("duplicate key, first on line {}", first->second));
    } else if (field.is(Node::Kind::null)) {
      field.error_at_key("no value; leave the key out for its default");
    } else {
      members.push_back(std::move(field));
    }
  }
  return members;
}

std::optional<Section> Section::open(const Field& field, std::vector<std::string_view> keys) {
  auto members = field.members();
  if (!members) return std::nullopt;
  std::erase_if(*members, [&](const Field& member) {
    const std::string_view key = member.node().key;
    if (std::ranges::find(keys, key) != keys.end()) return false;
    member.error_at_key("unknown key" + suggestion(key, keys), join(keys));
    return true;
  });
  return Section(field, *std::move(members));
}

const Field* Section::get(std::string_view key) const {
  const auto found = std::ranges::find_if(members_, [&](const Field& f) { return f.node().key == key; });
  return found == members_.end() ? nullptr : &*found;
}

}  // namespace mxhealth::config
