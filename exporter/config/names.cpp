#include "config/names.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "config/reader.hpp"
#include "model/address.hpp"

namespace mxhealth::config {
namespace {

// Longer texts are refused before libidn2 sees them: its work grows with their square, and no name is that long.
constexpr std::size_t kMaxWritten = 4 * kMaxName;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct FreeIdn {
  void operator()(std::uint8_t* text) const noexcept { ::idn2_free(text); }
};

/// Nontransitional: "straße" keeps its own name, as registries and browsers have it (UTS 46 section 4).
int to_ascii(const std::string& text, std::string& out) {
  std::uint8_t* raw = nullptr;
  const auto* input = reinterpret_cast<const std::uint8_t*>(text.c_str());
  const int rc = ::idn2_lookup_u8(input, &raw, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<std::uint8_t, FreeIdn> owned(raw);
  if (rc == IDN2_OK) out = reinterpret_cast<const char*>(owned.get());
  return rc;
}

/// The labels of a name, final dot left out.
template <class Visit>
void for_each_label(std::string_view text, Visit visit) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  while (true) {
    const std::size_t dot = text.find('.');
    visit(text.substr(0, dot));
    if (dot == std::string_view::npos) return;
    text.remove_prefix(dot + 1);
  }
}

std::string why_not_international(std::string_view text, int whole) {
  std::string why;
  for_each_label(text, [&](std::string_view label) {
    std::string converted;
    const int rc = why.empty() ? to_ascii(std::string(label), converted) : IDN2_OK;
    if (rc != IDN2_OK) why = "label " + in_quotes(label) + " is not one of IDNA 2008: " + ::idn2_strerror(rc);
  });
  return why.empty() ? std::string("not a name of IDNA 2008: ") + ::idn2_strerror(whole) : why;
}

std::optional<std::string> what_is_wrong_with_label(std::string_view label) {
  const std::string shown = "label " + in_quotes(label);
  if (label.empty()) return "an empty label";
  if (label.size() > kMaxNameLabel) return shown + " is longer than 63 octets";
  if (label.front() == '-') return shown + " begins with a hyphen";
  if (label.back() == '-') return shown + " ends with a hyphen";
  if (!Name::parse(label)) return shown + " holds a character that names do not have";
  return std::nullopt;
}

std::optional<std::string> what_is_wrong(std::string_view name) {
  if (name.empty() || name == ".") return "not a name";
  if (Address::parse(name)) return "an address, not a name";
  if (name.find('@') != std::string_view::npos) return "a mail address, not a name";
  std::optional<std::string> why;
  bool numeric = false;
  for_each_label(name, [&](std::string_view label) {
    if (!why) why = what_is_wrong_with_label(label);
    numeric = std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
  });
  // RFC 1123 section 2.1: that the last label is not numeric tells a name from an address.
  if (!why && numeric) return "a name does not end in a number";
  return why;
}

}  // namespace

std::variant<Name, NotAName> name_from(std::string_view text) {
  if (text.size() > kMaxWritten) return NotAName{"a name longer than 253 octets"};
  std::string ascii(text);
  if (!is_ascii(text)) {
    if (const int rc = to_ascii(std::string(text), ascii); rc != IDN2_OK) {
      return NotAName{why_not_international(text, rc)};
    }
  }
  if (auto why = what_is_wrong(ascii)) return NotAName{*std::move(why)};
  if (auto name = Name::parse(ascii)) return *std::move(name);
  return NotAName{"a name longer than 253 octets"};
}

}  // namespace mxhealth::config
