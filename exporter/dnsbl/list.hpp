// What is known about one blocklist or allow-list: where it is asked, what its answers mean, how it is tested, and what
// its operator demands. The book (lists.yaml) and the configuration make these values; nothing here asks anything.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/listing.hpp"
#include "model/name.hpp"
#include "model/secret.hpp"

namespace mxhealth::dnsbl {

/// Answers of a list: each octet in a range. "127.0.0.10-11", "127.0.*.3", "127.0.1.2".
struct CodePattern {
  struct Octets {
    std::uint8_t least = 0;
    std::uint8_t most = 255;
    friend bool operator==(const Octets&, const Octets&) = default;
  };
  std::array<Octets, 4> octets{};

  bool contains(const Address&) const;
  /// Empty when `text` is none, or none in 127.0.0.0/8, where all answers of lists are (RFC 5782 section 2.1).
  static std::optional<CodePattern> parse(std::string_view text);
  friend bool operator==(const CodePattern&, const CodePattern&) = default;
};

/// What one answer of a list means.
struct Code {
  CodePattern answers;
  std::string meaning;           ///< "spam source", "policy: not a mail server"
  std::optional<double> weight;  ///< 0 to 1, none: the list's
  bool policy = false;           ///< of the address's kind, not of abuse: weighs nothing where a target is looked up
  friend bool operator==(const Code&, const Code&) = default;
};

/// What one bit of the last octet means, for lists that add them up (SURBL, URIBL).
struct BitCode {
  std::uint8_t bit = 0;  ///< 2, 4, 8 …
  std::string meaning;
  std::optional<double> weight;
  friend bool operator==(const BitCode&, const BitCode&) = default;
};

/// Must be listed, must not be (RFC 5782 section 5). Without either nothing is tested but what a wildcard would show.
struct TestPoints {
  std::optional<Subject> listed;
  std::optional<Subject> clean;
  friend bool operator==(const TestPoints&, const TestPoints&) = default;
};
TestPoints rfc5782_points(ListKind);

struct List {
  std::string name;  ///< the alias: the only name that is ever shown
  Name zone;         ///< where the key, if any, goes in front
  std::vector<ListKind> kinds;
  std::vector<Code> codes;
  std::vector<BitCode> bits;            ///< decoded from the last octet of 127.0.0.x where no code says otherwise
  std::vector<CodePattern> refusals;    ///< beyond 127.255.255.0/24, which refuses on every list
  std::vector<CodePattern> no_listing;  ///< as good as no answer: neutral and good marks of lists that give both
  double weight = 0;
  bool allow_list = false;          ///< being listed is good
  bool keyed = false;               ///< the query name holds a key that is a secret
  bool needs_own_resolver = false;  ///< public resolvers are refused, or told that nothing is listed
  bool registered_domains = false;  ///< of a domain only the part below the public suffix is listed
  Secret key;                       ///< empty unless keyed
  std::map<ListKind, TestPoints> tests;
  std::uint32_t daily_queries = 0;  ///< what the terms allow for free; 0: no number is given
  std::string terms;                ///< one sentence
  std::string delisting;            ///< the page where a listing is explained and ended
  std::string verified;             ///< the date of the book's facts, YYYY-MM-DD; empty: the operator's own list

  bool has(ListKind) const;
  friend bool operator==(const List&, const List&) = default;
};

}  // namespace mxhealth::dnsbl
