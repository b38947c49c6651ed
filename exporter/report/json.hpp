// Writes JSON (RFC 8259): commas and quotes are its business, so that documents read as what is in them. Escapes more
// than it must: '<', '>' and '&' too, so that no JSON of ours is markup wherever it is pasted.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace mxhealth::report {

class Json {
 public:
  Json& open_object() { return open('{'); }
  Json& close_object() { return close('}'); }
  Json& open_array() { return open('['); }
  Json& close_array() { return close(']'); }
  Json& key(std::string_view name);

  Json& value(std::string_view text);
  Json& value(const char* text) { return value(std::string_view(text)); }
  Json& value(const std::string& text) { return value(std::string_view(text)); }
  Json& value(bool yes) { return raw(yes ? "true" : "false"); }
  Json& value(std::unsigned_integral auto number) { return raw(std::to_string(number)); }
  Json& value(double number);
  Json& value(Wall when);  ///< "2025-11-22T13:00:00Z"
  Json& null() { return raw("null"); }
  template <class T>
  Json& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }

  Json& member(std::string_view name, const auto& what) { return key(name).value(what); }

  /// The document, with a line end.
  std::string take() { return std::move(text_) + "\n"; }

 private:
  Json& open(char bracket);
  Json& close(char bracket);
  Json& raw(std::string_view text);
  void separate();

  std::string text_;
  bool first_ = true;  // in the innermost object or array
  bool keyed_ = false;
};

/// "2025-11-22T13:00:00Z"
std::string rfc3339(Wall when);

}  // namespace mxhealth::report
