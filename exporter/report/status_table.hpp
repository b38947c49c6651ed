// Enhanced status codes in words: every subject and detail of the registry (RFC 3463, RFC 5248), and those that
// Microsoft adds for itself. The class digit says "tries again" or "returned"; subject and detail say why.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/cause.hpp"

namespace mxhealth::report {

/// With which first digit the registry wants to see it.
enum class Use : std::uint8_t { any, temporary_only, permanent_only, success_only };

struct StatusRow {
  unsigned subject;
  unsigned detail;
  std::string_view title;   ///< the registry's
  std::string_view source;  ///< the RFC, with its section
  Use use;
  std::string_view meaning;  ///< for a mail admin, with what to do
  std::string_view beware;   ///< what is often said of it, and wrong; empty mostly
};

std::span<const StatusRow> statuses();  // by subject and detail
const StatusRow* find_status(unsigned subject, unsigned detail);

/// A status with a detail of its writer's own, in no registry.
struct VendorStatus {
  std::string_view status;  ///< without the class: "4.316"
  std::string_view writer;
  std::string_view meaning;
  std::vector<Cause> causes;
};
std::span<const VendorStatus> vendor_statuses();

/// "4.4.1" taken apart; what is too long or has other than digits is no status.
struct Status {
  char status_class = 0;  ///< '2', '4', '5', or 'X'
  unsigned subject = 0;
  unsigned detail = 0;
};
/// Empty class: not a status. Details of up to three digits, as RFC 3463 section 2 has them.
Status status_of(std::string_view text);

/// "tries again" or "comes back", for the class digit.
std::string_view class_sentence(char status_class);

/// Under whose control RFC 3463 section 3 puts the subject.
std::string_view who_mends(unsigned subject);

/// The causes that end in this status: from THE table, from what a server may say with it, and our own side of it.
std::vector<Cause> causes_of(const Status&);

}  // namespace mxhealth::report
