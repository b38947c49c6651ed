// What the lab's DNS servers know: for each name and type one answer, or a sequence of answers, good and broken.
// Answers as a recursive resolver would: follows CNAMEs, tells NXDOMAIN from NODATA. A name `*.zone` is for every name
// below the zone that has nothing of its own. Makes reply bytes; no sockets.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/dns_message.hpp"

namespace mxhealth::lab {

/// How a question is answered.
enum class Manner : std::uint8_t {
  records,  ///< NOERROR with the records; none of them: NODATA
  nxdomain,
  servfail,
  refused,
  formerr,
  formerr_on_edns,  ///< FORMERR to a question with OPT, records without
  notimp,
  bogus,             ///< SERVFAIL unless the question has CD set
  timeout,           ///< silence
  truncated,         ///< TC over UDP, records over TCP
  truncated_closed,  ///< TC over UDP, the TCP connection is closed without an answer
  short_rdata,       ///< malformed from here on: RDATA ends inside a field
  pointer_loop,      ///< a compressed name that points at itself
  wrong_id,
  wrong_question,  ///< answers a question nobody asked
  zero_bytes,      ///< an empty datagram
  bad_counts,      ///< announces more records than there are
  half_header,     ///< six octets
  no_question,     ///< answers, but the question section is missing
};

/// Throws std::invalid_argument.
Manner parse_manner(std::string_view word);

struct Answer {
  Manner manner = Manner::records;
  std::vector<Bytes> data;  ///< RDATA of the asked type
  std::uint32_t ttl = 5;
  bool authentic_data = false;         ///< AD, to questions that ask for it (RFC 6840 section 5.7)
  std::chrono::milliseconds delay{0};  ///< until it is sent
  /// Instead of the above: one after the other by question, the last one for good.
  std::vector<Answer> sequence;
  bool in_turn = false;  ///< after the last of the sequence its first comes again
};

/// What is sent, and when.
struct TimedReply {
  Bytes bytes;
  std::chrono::milliseconds delay{0};
};

enum class Transport : std::uint8_t { udp, tcp };

struct DnsSeen {
  std::string name;
  std::uint16_t type = 0;
  Transport transport = Transport::udp;
  friend auto operator<=>(const DnsSeen&, const DnsSeen&) = default;
};

class DnsZone {
 public:
  static constexpr std::uint16_t kEveryType = 255;

  /// Replaces what is said about the name and type from now on; kEveryType is for types without an answer of their own.
  void set(std::string_view name, std::uint16_t type, Answer answer);
  void set_records(std::string_view name, std::string_view type, const std::vector<std::vector<std::string>>& records);
  void set_manner(std::string_view name, Manner manner);

  /// Adds one record to what is there.
  void add(std::string_view name, std::uint16_t type, Bytes data);

  void set_negative_ttl(std::uint32_t ttl) { negative_ttl_ = ttl; }

  /// The reply's bytes; empty optional: say nothing.
  std::optional<Bytes> reply(const DnsQuestion& question, Transport transport);
  std::optional<TimedReply> timed_reply(const DnsQuestion& question, Transport transport);

 private:
  struct Entry {
    Answer answer;
    std::size_t asked = 0;
  };
  using Types = std::map<std::uint16_t, Entry>;

  const Answer* take(const std::string& name, std::uint16_t type);
  Types* types_of(const std::string& name);
  std::optional<Bytes> bytes_of(const DnsQuestion& question, const Answer* answer, Transport transport);
  bool exists(const std::string& name) const;
  void fill(const DnsQuestion& question, const Answer* answer, DnsReply& reply);
  Record soa(const std::string& name) const;

  std::map<std::string, Types, std::less<>> names_;
  std::uint32_t negative_ttl_ = 5;
};

}  // namespace mxhealth::lab
