// MTA-STS (RFC 8461) as its two texts: the TXT record that announces a policy, and the policy file. Strict: what the
// grammar does not allow is told as broken, since senders differ in what they overlook. Nothing is fetched, and how a
// fetch went is judged elsewhere (policy/mta_sts_judge).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/policy.hpp"

namespace mxhealth::policy {

inline constexpr std::string_view kStsVersion = "v=STSv1";
inline constexpr std::size_t kMaxStsId = 32;                 // section 3.1
inline constexpr std::size_t kMaxStsPolicy = 64 * 1024;      // octets of a policy file, section 3.3
inline constexpr std::size_t kMaxStsLine = 2048;             // octets of one line
inline constexpr std::size_t kMaxStsLines = 1000;            // read of one file
inline constexpr std::size_t kMaxStsMx = 200;                // patterns of one policy
inline constexpr std::chrono::seconds kMaxStsAge{31557600};  // section 3.2: about a year

struct StsRecord {
  bool present = false;  ///< something is published that is meant as such a record
  std::string id{};      ///< empty: senders cannot use it
  std::string shown{};
  std::vector<PolicyNote> notes{};
};

/// `texts`: the TXT records at _mta-sts.<domain>.
StsRecord read_sts_record(const std::vector<std::string>& texts, const DomainName& domain);

struct StsPolicy {
  std::optional<MtaSts> policy{};  ///< empty: senders cannot use it; `id` and `fetched` are the caller's
  std::vector<PolicyNote> notes{};
};

StsPolicy read_sts_policy(std::string_view body);

/// Section 4.1: equal, or the pattern's "*" stands for exactly one label.
bool mx_matches(std::string_view pattern, const ServerName& host);

/// Whether some pattern matches.
bool covers(const MtaSts& policy, const ServerName& host);

}  // namespace mxhealth::policy
