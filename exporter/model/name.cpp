#include "model/name.hpp"

#include "model/address.hpp"

namespace mxhealth {
namespace {

bool is_name_octet(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<Name> Name::parse(std::string_view text) {
  if (text == ".") return Name{};
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxName) return std::nullopt;
  Name name;
  name.text_.reserve(text.size());
  std::size_t label = 0;
  for (const char raw : text) {
    const char c = lower(raw);
    if (c == '.') {
      if (label == 0) return std::nullopt;
      label = 0;
    } else if (!is_name_octet(c) || ++label > kMaxNameLabel) {
      return std::nullopt;
    }
    name.text_.push_back(c);
  }
  if (label == 0) return std::nullopt;
  return name;
}

Name Name::of(const Address& address) {
  Name name;
  name.text_ = address.to_string();
  return name;
}

}  // namespace mxhealth
