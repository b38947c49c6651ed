// A DNS answer, read from octets once. Bounded in every direction; what cannot be read is `malformed` with a reason and
// never a guess. Names keep uncommon octets escaped as RFC 1035 section 5.1 has it (`\.`, `\\`, `\DDD`), so that such a
// name can be shown but does not pass as a mxhealth::Name. Decides nothing about what an answer means: dns/answer does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dns/query.hpp"
#include "model/address.hpp"

namespace mxhealth::dns {

inline constexpr std::size_t kMaxMessage = 65535;    // RFC 1035 section 4.2.2
inline constexpr std::size_t kMaxRecords = 1000;     // of all sections together
inline constexpr std::size_t kMaxWireName = 255;     // RFC 1035 section 2.3.4
inline constexpr std::size_t kMaxPointers = 64;      // compression pointers followed for one name
inline constexpr std::size_t kMaxNameText = 131072;  // presentation octets of all names of one message together

enum class Malformed : std::uint8_t {
  too_short,         ///< shorter than a header
  too_long,          ///< more than kMaxMessage
  no_response,       ///< QR is not set, or another opcode than QUERY
  wrong_id,          ///< not the id that was asked with
  wrong_question,    ///< none, several, or not what was asked
  bad_name,          ///< a label of an unknown kind, a name beyond the packet or longer than kMaxWireName
  pointer_loop,      ///< a compression pointer that does not point back, or more than kMaxPointers
  too_many_records,  ///< beyond kMaxRecords
  too_much_text,     ///< beyond kMaxNameText: a small packet that unfolds
  cut_record,        ///< a record that ends beyond the packet
  bad_record_data,   ///< RDATA that does not fit its type
  bad_opt,           ///< two OPT records, or one that is not the root's (RFC 6891 section 6.1.1)
};
std::string_view label(Malformed);

struct MxData {
  std::uint16_t preference = 0;
  std::string exchange;  ///< "." for the root
};
struct SrvData {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
};
struct TlsaData {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching_type = 0;
  std::vector<std::uint8_t> association;
};
struct SoaData {
  std::string primary;
  std::string mailbox;
  std::uint32_t serial = 0;
  std::uint32_t minimum = 0;
};
struct NameData {
  std::string target;  ///< of CNAME, PTR, NS
};
struct TextData {
  std::string text;  ///< the character-strings joined, as SPF and DKIM join them (RFC 7208 section 3.3)
};

/// monostate: a type or class that this program does not read.
using Data = std::variant<std::monostate, Address, MxData, SrvData, TlsaData, SoaData, NameData, TextData>;

struct Record {
  std::string owner;  ///< lower case, no final dot, "." for the root
  Type type = Type::a;
  std::uint32_t ttl = 0;
  Data data;
};

/// Header rcodes (IANA); with the extended bits of OPT when there is one.
inline constexpr std::uint16_t kNoError = 0;
inline constexpr std::uint16_t kFormatError = 1;
inline constexpr std::uint16_t kServerFailure = 2;
inline constexpr std::uint16_t kNameError = 3;
inline constexpr std::uint16_t kRefused = 5;

struct Message {
  std::uint16_t rcode = 0;
  bool authoritative = false;
  bool truncated = false;
  bool authenticated = false;  ///< AD
  bool has_opt = false;
  std::vector<Record> answers;
  std::vector<Record> authority;
};

struct Expected {
  std::uint16_t id = 0;
  Question question;
};

using Parsed = std::variant<Message, Malformed>;

/// A failing server may leave the question out (rcode other than NOERROR and NXDOMAIN); else it must be the one asked.
Parsed parse(std::span<const std::uint8_t> packet, const Expected&);

}  // namespace mxhealth::dns
