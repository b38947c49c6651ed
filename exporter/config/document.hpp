// One YAML document as a tree of values with their places. Says nothing about what the values mean: reader.hpp does.
// Built from yaml-cpp's events and not from its nodes, which merge duplicate keys' fates, drop a second document and
// lose the places of nulls and aliases. Depth and number of nodes are bounded, aliases counted as what they repeat.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/text_check.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 250'000;  // ten thousand targets have about 100,000

struct Node {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  bool plain = true;  // a scalar without quotes
  int line = 0;       // from 1
  int column = 0;     // from 1, in octets
  std::string text;   // of a scalar
  std::string key;    // of a member of a map
  int key_line = 0;
  int key_column = 0;
  std::vector<Node> children;  // of a list or a map, in the file's order, duplicates included
};

/// The text's only document; a null node when it holds none.
std::variant<Node, Broken> read_document(std::string_view text);

}  // namespace mxhealth::config
