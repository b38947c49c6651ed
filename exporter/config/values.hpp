// Readers of single values and of lists of them: each takes a Field and answers the value, or reports what is wrong and
// answers nothing. Those with bounds are objects: `section.read("interval", out, DurationIn{5s, 24h})`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/reader.hpp"
#include "model/name.hpp"
#include "model/time.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMaxText = 1024;  // of a free text, in octets

std::optional<std::string> text(const Field&);        // may be empty
std::optional<std::string> file_name(const Field&);   // may not
std::optional<std::string> identifier(const Field&);  // letters, digits, - and _: names the operator chooses
std::optional<bool> boolean(const Field&);            // true or false, and no other word
std::optional<std::uint16_t> port(const Field&);      // 1 to 65535
std::optional<Name> name(const Field&);               // a host or domain name, U-labels as A-labels
std::optional<Name> name_or_empty(const Field&);      // "" is the root

bool is_identifier(std::string_view text);
std::string to_text(Duration);  // 1h30m, 500ms

struct DurationIn {
  Duration least;
  Duration most;
  std::optional<Duration> operator()(const Field&) const;
};

struct IntegerIn {
  int least;
  int most;
  std::optional<int> operator()(const Field&) const;
};

struct DecimalIn {
  double least;
  double most;
  std::optional<double> operator()(const Field&) const;
};

template <class T>
struct Choice {
  std::string_view word;
  T value;
};

/// The index of the word that a field holds.
std::optional<std::size_t> word_of(const Field&, const std::vector<std::string_view>& words);

/// One of a table's words.
template <class T>
struct OneOf {
  std::span<const Choice<T>> choices;

  std::optional<T> operator()(const Field& field) const {
    std::vector<std::string_view> words;
    for (const auto& choice : choices) words.push_back(choice.word);
    const auto index = word_of(field, words);
    return index ? std::optional(choices[*index].value) : std::nullopt;
  }
};
template <class T, std::size_t N>
OneOf<T> one_of(const Choice<T> (&choices)[N]) {
  return {choices};
}

/// A list without repetitions; what is wrong with an item leaves out the item.
template <class Item>
struct ListOf {
  Item item;
  std::size_t least = 0;  // 0 or 1
  std::size_t most = 1000;

  auto operator()(const Field& field) const {
    using T = typename std::invoke_result_t<Item, const Field&>::value_type;
    std::optional<std::vector<T>> list;
    const auto items = field.items();
    if (!items) return list;
    list.emplace();
    if (items->size() > most) {
      field.fault("more than " + std::to_string(most) + " items");
      return list;
    }
    if (field.node().children.size() < least) field.fault("an empty list", "at least one item");
    std::map<T, int> lines;
    for (const Field& each : *items) {
      auto value = item(each);
      if (!value) continue;
      const auto [first, fresh] = lines.emplace(*value, each.node().line);
      if (fresh)
        list->push_back(*std::move(value));
      else
        each.error("listed twice, first on line " + std::to_string(first->second));
    }
    return list;
  }
};
template <class Item>
ListOf(Item) -> ListOf<Item>;
template <class Item>
ListOf(Item, std::size_t) -> ListOf<Item>;
template <class Item>
ListOf(Item, std::size_t, std::size_t) -> ListOf<Item>;

}  // namespace mxhealth::config
