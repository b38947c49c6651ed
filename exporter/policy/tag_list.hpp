// `name=value; name=value`, as DKIM keys, DMARC and BIMI records are written (RFC 6376 section 3.2). What is wrong is
// told beside what could be read: a DKIM key is nothing then, a DMARC record is still used.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxhealth::policy {

inline constexpr std::size_t kMaxTagRecord = 8192;  // octets
inline constexpr std::size_t kMaxTags = 64;

struct Tag {
  std::string name;   ///< as written: names are case-sensitive
  std::string value;  ///< without white space around it
};

struct TagList {
  std::vector<Tag> tags;
  std::vector<std::string> faults;  ///< printable, the end of a sentence

  /// The value of the first tag of that name.
  const std::string* find(std::string_view name) const;
};

TagList parse_tags(std::string_view text);

/// The items of a value, without white space around them; empty ones too.
std::vector<std::string> split(std::string_view value, char separator);

std::string lower_case(std::string_view text);

/// Whether a record begins with `v=VERSION`, then `;` or nothing. Versions are case-sensitive.
bool has_version(std::string_view text, std::string_view version);

/// Something that was meant to be such a record: "v=dmarc1", "V = DMARC1", "v=DMARC1.", with quotes or spaces before
/// it.
bool looks_like_version(std::string_view text, std::string_view version);

}  // namespace mxhealth::policy
