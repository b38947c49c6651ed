// What one answer of a list says (reliability.md 3.2). Pure. Never guesses: a code that the list's table does not know,
// an address outside 127.0.0.0/8, silence and SERVFAIL are all neither a listing nor a clean bill.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dnsbl/list.hpp"
#include "model/dns_facts.hpp"

namespace mxhealth::dnsbl {

inline constexpr std::size_t kMaxCodes = 16;  // different answers about one subject that are kept; real lists give 4

struct Reading {
  enum class Kind : std::uint8_t {
    clean,         ///< NXDOMAIN, or nothing but marks that are as good as that
    listed,        ///< codes of the table, and no refusal among the answers
    refused,       ///< 127.255.255.0/24, or a refusal of the list: any such answer among several
    unknown_code,  ///< in 127.0.0.0/8 and not in the table
    hijacked,      ///< outside 127.0.0.0/8: a parked zone, or a resolver that rewrites
    no_data,
    servfail,   ///< SERVFAIL, REFUSED, BOGUS or nonsense
    timed_out,  ///< or our resolver could not be reached
    cancelled,  ///< we stopped asking, or our own resolver makes answers up: not even counted
  };

  Kind kind = Kind::cancelled;
  std::vector<Address> answers;       ///< in 127.0.0.0/8, sorted, unique, at most kMaxCodes; if listed, those that list
  std::vector<std::string> meanings;  ///< of a listing, heaviest first
  double weight = 0;                  ///< of a listing: its heaviest code's
  double weight_without_policy = 0;   ///< the same over the codes that are not policy

  friend bool operator==(const Reading&, const Reading&) = default;
};

Reading decode(const List&, LookupEnd, std::span<const Address> answers);

/// Whether a reading counts as a failed lookup of the list, and as which.
std::optional<ListFailure> failure(Reading::Kind);

/// Is it a statement about the subject: clean or listed?
constexpr bool is_statement(Reading::Kind kind) {
  return kind == Reading::Kind::clean || kind == Reading::Kind::listed;
}

}  // namespace mxhealth::dnsbl
