// What a message says about a question: the records behind the CNAMEs, for how long they hold, or that there are none.
// Pure. Does not ask on: a chain that leaves the message is told as `continues_at`, and the resolver asks there.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dns/message.hpp"
#include "model/dns_facts.hpp"

namespace mxhealth::dns {

inline constexpr std::size_t kMaxCnameHops = 10;  // Postfix asks no more than ten times for one name

struct Answer {
  LookupEnd end = LookupEnd::malformed;
  bool authenticated = false;
  std::chrono::seconds ttl{0};  ///< least of chain and records; of the negative answer (RFC 2308 section 5); else 0
  std::uint8_t cname_hops = 0;
  std::vector<Record> records;       ///< of the asked type, as they came
  std::optional<Name> continues_at;  ///< a CNAME whose target this message says nothing about (end is no_data)
};

Answer select(const Question&, Message);

/// `rest` answers for the name where `first` continues: one answer to the first question.
Answer join(const Answer& first, Answer rest);

/// About how much memory an answer holds, for the bounds of the cache.
std::size_t octets(const Answer&);

}  // namespace mxhealth::dns
