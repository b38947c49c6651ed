// The vocabulary of blocklists: who is looked up (a subject), what one list says of it (a state), and what can keep a
// list from saying anything. Everywhere else a list is a "blocklist" or "allow-list"; its name is the operator's alias.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "model/address.hpp"
#include "model/name.hpp"

namespace mxhealth {

/// What a list can be asked about (RFC 5782 sections 2.1, 2.4 and 3).
enum class ListKind : std::uint8_t { ipv4, ipv6, domain };
inline constexpr std::array kListKinds{ListKind::ipv4, ListKind::ipv6, ListKind::domain};
std::string_view label(ListKind);

/// Who is looked up: an address, or a domain.
using Subject = std::variant<Address, DomainName>;
std::string to_string(const Subject&);
ListKind kind_of(const Subject&);

/// How a subject came to be one: a target's host is looked up for information, a configured one may page.
enum class SubjectSource : std::uint8_t { target, configured };
std::string_view label(SubjectSource);

/// What a list says of a subject. Only the first two are statements; `unknown` neither clears nor raises anything.
enum class ListingState : std::uint8_t {
  clean,
  listed,     ///< a code of the list's table, in two checks in a row, while the list was healthy
  unknown,    ///< no answer, none yet, or one that the table does not know
  refused,    ///< the list does not want to answer us: a public resolver, over quota, a wrong key
  unhealthy,  ///< the list fails its own test (RFC 5782 section 5)
};
inline constexpr std::array kListingStates{ListingState::clean, ListingState::listed, ListingState::unknown,
                                           ListingState::refused, ListingState::unhealthy};
std::string_view label(ListingState);

/// Why a lookup on a list taught us nothing.
enum class ListFailure : std::uint8_t { timeout, servfail, refused_by_list, bad_answer, ratelimited };
inline constexpr std::array kListFailures{ListFailure::timeout, ListFailure::servfail, ListFailure::refused_by_list,
                                          ListFailure::bad_answer, ListFailure::ratelimited};
std::string_view label(ListFailure);

}  // namespace mxhealth
