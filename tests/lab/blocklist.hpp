// Blocklists as a scenario describes them: zones that list, and zones that lie. A list becomes names of a DnsZone: an
// entry's reversed address or its domain, and `*` for the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/dns_zone.hpp"

namespace mxhealth::lab {

/// In front of a keyed list's zone, and in `${key_file}`: for tests that look for it where it must not be.
inline constexpr std::string_view kListKey = "hush5k3yofthelab";

/// What a list says of one subject, or of all others: in the answers' order.
struct ListAnswer {
  Manner manner = Manner::records;
  std::vector<std::string> answers;  ///< addresses
  std::string reason;                ///< TXT; empty: none
  bool in_turn = false;              ///< listed, clean, listed, clean …
  std::string where;                 ///< file:line:column
};

/// The states that are right, for one subject or (`*`) for all that are not named. Any other is a false statement.
using ExpectedStates = std::map<std::string, std::vector<std::string>, std::less<>>;

struct BlocklistSpec {
  std::string name;  ///< the alias, in the exporter's configuration too
  std::string zone;  ///< without the key
  std::vector<std::string> kinds;
  bool keyed = false;
  bool allow_list = false;
  std::vector<std::string> test_points;                    ///< listed ones; by kind as in RFC 5782 section 5
  std::string test_answer = "127.0.0.2";                   ///< of the test points
  std::map<std::string, ListAnswer, std::less<>> entries;  ///< by subject; placeholders are still to be filled in
  ListAnswer others{Manner::nxdomain, {}, {}, false, {}};
  std::chrono::milliseconds delay{0};
  std::uint32_t ttl = 1;
  std::string config;  ///< YAML, put into the exporter's list as it is; with `book:` zone and kinds are the book's
  ExpectedStates expect;
  std::optional<bool> healthy;  ///< what the exporter must think of it
  std::string where;
};

struct BlocklistsSpec {
  std::string interval = "5s";
  bool targets = false;
  std::vector<std::string> addresses;
  std::vector<std::string> domains;
  std::vector<BlocklistSpec> lists;
};

/// 192.0.2.10 is ipv4, 2001:db8::1 ipv6, all else domain.
std::string_view kind_of(const std::string& subject);

/// RFC 5782 section 5: what a list of that kind lists for tests.
std::string_view listed_point(std::string_view kind);

/// 10.2.0.192, nibbles, or the domain itself: what goes in front of the zone (RFC 5782 sections 2.1, 2.4, 3).
std::string reversed(const std::string& subject);

/// The zone as it is asked: with the key of a keyed list.
std::string asked_zone(const BlocklistSpec& list);

/// Puts the list into `zone`. Throws std::invalid_argument.
void publish_list(const BlocklistSpec& list, DnsZone& zone);

}  // namespace mxhealth::lab
