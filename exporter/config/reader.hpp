// The strict way to look at a document: a Field is a value that knows its path and can say what is wrong with it, a
// Section is a map whose keys are known. Unknown and duplicate keys, `<<` and keys without a value are reported when a
// Section is opened; a key that was reported reads as absent. Does not know what any key means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/report.hpp"

namespace mxhealth::config {

/// `text` fit for a message: printable, cut, in quotes.
std::string in_quotes(std::string_view text);

class Field {
 public:
  Field(const Node& node, std::string path, Report& report) : node_(&node), path_(std::move(path)), report_(&report) {}

  const Node& node() const { return *node_; }
  const std::string& path() const { return path_; }
  Report& report() const { return *report_; }
  bool is(Node::Kind kind) const { return node_->kind == kind; }

  void error(std::string message, std::string allowed = {}) const;  // at the value, says what was found
  void warn(std::string message, std::string allowed = {}) const;
  void fault(std::string message, std::string allowed = {}) const;         // at the value, does not repeat it
  void not_in_this_version(std::string allowed = "leaving it out") const;  // at the key
  void error_at_key(std::string message, std::string allowed = {}) const;

  /// The items of a list; reports anything else, and items without a value.
  std::optional<std::vector<Field>> items() const;

  /// The value of a map's key, without a word about anything else in the map.
  std::optional<Field> peek(std::string_view key) const;

  /// The members of a map whose keys are free; reports anything else, duplicates, `<<` and keys without a value.
  std::optional<std::vector<Field>> members() const;

 private:
  void add(Severity severity, std::string message, std::string found, std::string allowed, bool at_key) const;
  Field member(const Node& child) const;

  const Node* node_;
  std::string path_;
  Report* report_;
};

class Section {
 public:
  /// Absent (and reported) when `field` is not a map.
  static std::optional<Section> open(const Field& field, std::vector<std::string_view> keys);

  const Field* get(std::string_view key) const;  // null when absent, or reported already
  const Field& field() const { return field_; }

  /// Puts what `reader` (Field -> optional<T>) makes of the key's value into `out`; false leaves `out` as it is.
  template <class T, class Reader>
  bool read(std::string_view key, T& out, const Reader& reader) const {
    const Field* field = get(key);
    if (field == nullptr) return false;
    std::optional<T> value = reader(*field);
    if (!value) return false;
    out = *std::move(value);
    return true;
  }

 private:
  Section(Field field, std::vector<Field> members) : field_(std::move(field)), members_(std::move(members)) {}

  Field field_;
  std::vector<Field> members_;
};

}  // namespace mxhealth::config
