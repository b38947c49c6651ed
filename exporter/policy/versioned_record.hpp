// TXT records of the form "v=NAMEv1; key=value; ...", as MTA-STS (RFC 8461 section 3.1) and TLS reports (RFC 8460
// section 3) have them: which of several records counts, and its fields. What the fields mean is for others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/policy.hpp"

namespace mxhealth::policy {

inline constexpr std::size_t kMaxVersionedRecord = 4096;  // octets
inline constexpr std::size_t kMaxRecordFields = 50;

struct VersionedRecord {
  bool present = false;               ///< something is published that is meant as this
  std::optional<std::string> text{};  ///< the one record that counts; empty: none, too many, or too long
  std::string shown{};                ///< what is published, printable
  std::vector<PolicyNote> notes{};    ///< why there is no `text`
};

/// `version`: "v=STSv1". `owner`: where the records are published, for the sentences.
VersionedRecord choose_record(const std::vector<std::string>& texts, std::string_view version, std::string_view owner);

struct RecordField {
  std::string_view name;   ///< "" where the part has no "="
  std::string_view value;  ///< of such a part the whole
};

/// Behind the version, at most kMaxRecordFields + 1 so that more can be seen; views into `text`.
std::vector<RecordField> fields_of(std::string_view text, std::string_view version);

/// In order, each ended by a full stop.
std::vector<PolicyNote> as_sentences(std::vector<PolicyNote> notes);

std::string_view without_blanks(std::string_view text);  // SP and HTAB at both ends

}  // namespace mxhealth::policy
