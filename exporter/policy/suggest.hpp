// What a domain should publish, from what was observed: the records, the reason for each part, and what needs care.
// Pure: who asks DNS and mail hosts fills `Observed`. Never suggests more than was seen: a host that did not answer is
// named.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/address.hpp"
#include "model/dns_facts.hpp"
#include "model/name.hpp"

namespace mxhealth::policy {

enum class Topic : std::uint8_t { spf, dmarc, mta_sts, tls_rpt, tlsa, null_mx };
inline constexpr std::array<std::string_view, 6> kTopicLabels{"spf", "dmarc", "mta-sts", "tls-rpt", "tlsa", "null-mx"};

struct ObservedHost {
  ServerName name{};
  bool has_addresses = false;
  bool is_secure = false;             ///< its addresses came with AD: the zone is signed, and the resolver validates
  std::vector<std::string> keys{};    ///< SHA-256 of the served public keys in hex, each once; for tlsa
  std::vector<std::string> silent{};  ///< addresses that showed no key, and why
  std::vector<std::string> published_tlsa{};  ///< "3 1 1 ab.." as found
};

struct Observed {
  DomainName domain{};
  bool mx_known = false;  ///< the lookup was answered
  bool null_mx = false;
  bool implicit_mx = false;  ///< no MX record: the domain itself
  std::vector<ObservedHost> hosts{};
  std::vector<std::string> spf{};      ///< records as published
  std::vector<std::string> dmarc{};    ///< at _dmarc
  std::vector<std::string> sts{};      ///< at _mta-sts
  std::vector<std::string> tls_rpt{};  ///< at _smtp._tls
  std::vector<std::string> sending{};  ///< configured sending networks: "192.0.2.0/24"
  std::string now{};                   ///< "20261123013000", for the id of a policy
};

struct Reason {
  std::string part;  ///< of the record: "p=none"
  std::string why;
};

struct SuggestedRecord {
  std::string owner;  ///< with the final dot
  std::string type;
  std::string data;  ///< as in a zone file; TXT in quotes, in strings of at most 255 octets
  std::vector<Reason> reasons;
};

struct SuggestedFile {
  std::string url;
  std::vector<std::string> lines;
  std::vector<Reason> reasons;
};

struct Suggestion {
  std::vector<SuggestedRecord> records{};  ///< none: better nothing, and `care` says why
  std::vector<SuggestedFile> files{};
  std::vector<std::string> seen{};  ///< what it is based on
  std::vector<std::string> care{};  ///< before publishing
};

Suggestion suggest(Topic, const Observed&);

/// `text` as the data of a TXT record.
std::string quoted_strings(std::string_view text);

}  // namespace mxhealth::policy
